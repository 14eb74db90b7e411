(** Generic rank: the rank over a field K that contains the ring R of functions (polynomials, or
    analytic functions of theta on a connected set), such as the field of fractions of R; and the
    rank at a point, that is after a ring homomorphism from R to a field. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Geomcheck Require Import minors kernels.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Generic.

Variables (R : comRingType) (K : fieldType) (embed : {rmorphism R -> K}).
Hypothesis embed_inj : injective embed.
Variables (m n : nat) (A : 'M[R]_(m, n)).

Definition generic_rank := \rank (map_mx embed A).

(** A minor that is nonzero at one point is a nonzero element of R. *)
Theorem nonzero_at_a_point (F : fieldType) (point : {rmorphism R -> F}) k
    (f : 'I_k -> 'I_m) (g : 'I_k -> 'I_n) :
  \det (mxsub f g (map_mx point A)) != 0 -> \det (mxsub f g A) != 0.
Proof. exact: minor_before. Qed.

(** The rank at a point is at most the generic rank. *)
Theorem rank_at_a_point (F : fieldType) (point : {rmorphism R -> F}) :
  (\rank (map_mx point A) <= generic_rank)%N.
Proof.
have [f [g nonzero]] := rank_minor (map_mx point A).
exact: (minor_rank_image (point := point) (f := f) (g := g) embed_inj nonzero).
Qed.

(** There is a nonzero d in R, a minor of A, such that off the zeros of d the rank is the generic one. *)
Theorem generic_rank_off_zeros : exists2 d : R, d != 0 &
  forall (F : fieldType) (point : {rmorphism R -> F}),
    point d != 0 -> \rank (map_mx point A) = generic_rank.
Proof.
have [f [g]] := rank_minor (map_mx embed A); rewrite minor_image => nonzero.
exists (\det (mxsub f g A)) => [|F point off].
  by apply: contra_neq nonzero => ->; rewrite rmorph0.
apply/eqP; rewrite eqn_leq rank_at_a_point /=; apply: (@minor_rank _ _ _ _ f g).
by rewrite minor_image.
Qed.

(** Kernel fields: A V = 0 as an identity over R bounds the generic rank, and so the rank at every
    point, by the columns less the rank of V at a single point. *)
Theorem kernel_field_rank k (V : 'M[R]_(n, k)) (F : fieldType) (point : {rmorphism R -> F}) :
  A *m V = 0 -> (generic_rank <= n - \rank (map_mx point V))%N.
Proof.
move=> zero; have /kernel_rank le : map_mx embed A *m map_mx embed V = 0.
  by rewrite -map_mxM zero map_mx0.
apply: leq_trans le (leq_sub2l n _).
have [f [g nonzero]] := rank_minor (map_mx point V).
exact: (minor_rank_image (point := point) (f := f) (g := g) embed_inj nonzero).
Qed.

(** Hence at every point, also where the kernel fields themselves drop in rank. *)
Theorem kernel_field_everywhere k (V : 'M[R]_(n, k)) (F F' : fieldType)
    (point : {rmorphism R -> F}) (other : {rmorphism R -> F'}) :
  A *m V = 0 -> (\rank (map_mx other A) <= n - \rank (map_mx point V))%N.
Proof. by move=> zero; apply: leq_trans (rank_at_a_point other) (kernel_field_rank point zero). Qed.

(** The certificate of a generic rank: a nonzero r x r minor at one point, kernel fields of rank k at
    one point, and r + k = n. *)
Theorem generic_rank_decided r k (V : 'M[R]_(n, k)) (F F' : fieldType)
    (point : {rmorphism R -> F}) (other : {rmorphism R -> F'})
    (f : 'I_r -> 'I_m) (g : 'I_r -> 'I_n) :
  \det (mxsub f g (map_mx point A)) != 0 -> A *m V = 0 ->
  \rank (map_mx other V) = k -> (r + k = n)%N -> generic_rank = r.
Proof.
move=> /minor_rank low zero independent total.
have high := kernel_field_rank other zero; rewrite independent in high.
apply/eqP; rewrite eqn_leq (leq_trans low (rank_at_a_point point)) andbT.
by apply: leq_trans high _; rewrite -total addnK.
Qed.

End Generic.
