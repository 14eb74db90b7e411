(** A rank is at most the number of columns less the number of independent kernel vectors. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Geomcheck Require Import minors.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

(** The columns of K are kernel vectors of A. *)
Theorem kernel_rank (F : fieldType) m n k (A : 'M[F]_(m, n)) (K : 'M_(n, k)) :
  A *m K = 0 -> (\rank A <= n - \rank K)%N.
Proof. by move/mulmx0_rank_max => le; rewrite leq_subRL ?rank_leq_row // addnC. Qed.

Theorem independent_kernel_rank (F : fieldType) m n k (A : 'M[F]_(m, n)) (K : 'M_(n, k)) :
  A *m K = 0 -> \rank K = k -> (\rank A <= n - k)%N.
Proof. by move=> zero independent; rewrite -[k in (_ - k)%N]independent; apply: kernel_rank. Qed.

(** The same for rows: T A = 0 leaves A at most the number of rows less the rank of T. *)
Theorem annihilator_rank (F : fieldType) m n k (A : 'M[F]_(m, n)) (T : 'M_(k, m)) :
  T *m A = 0 -> (\rank A <= m - \rank T)%N.
Proof.
move=> zero; rewrite -mxrank_tr -(mxrank_tr T); apply: kernel_rank.
by rewrite -trmx_mul zero trmx0.
Qed.

(** Independence may be seen after a ring homomorphism, such as reduction modulo a prime. *)
Theorem modular_kernel_rank (R S : comRingType) (F : fieldType)
    (point : {rmorphism R -> S}) (embed : {rmorphism R -> F}) m n k
    (A : 'M[R]_(m, n)) (K : 'M_(n, k)) (f : 'I_k -> 'I_n) (g : 'I_k -> 'I_k) :
  injective embed -> map_mx embed A *m map_mx embed K = 0 ->
  \det (mxsub f g (map_mx point K)) != 0 -> (\rank (map_mx embed A) <= n - k)%N.
Proof.
move=> inj zero /(minor_rank_image inj) le; apply: leq_trans (kernel_rank zero) _.
exact: leq_sub2l.
Qed.

(** Both bounds together decide a rank. *)
Theorem rank_decided (F : fieldType) m n k r (A : 'M[F]_(m, n)) (K : 'M_(n, k))
    (f : 'I_r -> 'I_m) (g : 'I_r -> 'I_n) :
  \det (mxsub f g A) != 0 -> A *m K = 0 -> \rank K = k -> (r + k = n)%N -> \rank A = r.
Proof.
move=> /minor_rank low zero independent total; apply/eqP; rewrite eqn_leq low andbT.
by apply: leq_trans (independent_kernel_rank zero independent) _; rewrite -total addnK.
Qed.
