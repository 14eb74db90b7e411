(** A rank is at least the size of a minor that is not zero, also after a ring homomorphism.

    A minor of A is the determinant of mxsub f g A, the k x k matrix with entries A (f i) (g j). *)
From mathcomp Require Import all_ssreflect all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Field.

Variables (F : fieldType) (m n : nat).
Implicit Type A : 'M[F]_(m, n).

Lemma rank_mxsub k l (f : 'I_k -> 'I_m) (g : 'I_l -> 'I_n) A :
  (\rank (mxsub f g A) <= \rank A)%N.
Proof.
rewrite mxsubrc; apply: leq_trans (mxrankS (rowsub_sub f (colsub g A))) _.
by rewrite -mxrank_tr -[leqRHS]mxrank_tr trmx_mxsub; apply/mxrankS/rowsub_sub.
Qed.

(** A nonzero k x k minor: rank A >= k. *)
Theorem minor_rank k (f : 'I_k -> 'I_m) (g : 'I_k -> 'I_n) A :
  \det (mxsub f g A) != 0 -> (k <= \rank A)%N.
Proof.
move=> nonzero; have unit : mxsub f g A \in unitmx by rewrite unitmxE unitfE.
by rewrite -[leqLHS](mxrank_unit unit); apply: rank_mxsub.
Qed.

(** Conversely a matrix of rank k has a nonzero k x k minor. *)
Theorem rank_minor A :
  exists (f : 'I_(\rank A) -> 'I_m) (g : 'I_(\rank A) -> 'I_n), \det (mxsub f g A) != 0.
Proof.
pose f := maxrankfun A; pose B := rowsub f A.
have full : row_full B^T by rewrite /row_full mxrank_tr; apply: maxrowsub_free.
exists f, (fullrankfun full); have := fullrowsub_unit full.
by rewrite -unitmx_tr trmx_mxsub trmxK unitmxE unitfE -mxsubcr.
Qed.

End Field.

Section Elimination.

Variables (S : comUnitRingType) (k n : nat).

(** Row operations L that bring B into echelon form with invertible pivots in the columns
    c 0, c 1, ... show that the minor of B at these columns is invertible. *)
Theorem elimination_minor (L : 'M[S]_k) (B : 'M[S]_(k, n)) (c : 'I_k -> 'I_n) :
  (forall i j : 'I_k, (j < i)%N -> (L *m B) i (c j) = 0) ->
  (forall i, (L *m B) i (c i) \is a GRing.unit) ->
  \det (colsub c B) \is a GRing.unit.
Proof.
move=> below pivots; have columns : colsub c (L *m B) = L *m colsub c B by rewrite mulmx_colsub.
have : \det (colsub c (L *m B)) \is a GRing.unit; last first.
  by rewrite columns det_mulmx unitrM => /andP[].
rewrite -det_tr det_trig; last by apply/is_trig_mxP => i j lt_ij; rewrite mxE mxE below.
by apply: rpred_prod => i _; rewrite mxE mxE.
Qed.

End Elimination.

Section Homomorphism.

(** A over R is read over a field F that contains R, and at a point of a ring S: for instance
    R = the elements of Q(t, u) with denominators prime to p that do not vanish at the residues,
    F = Q(t, u), S = Z/p; or R = polynomials, F = rational functions, S = the numbers. *)
Variables (R S : comRingType) (F : fieldType).
Variables (point : {rmorphism R -> S}) (embed : {rmorphism R -> F}).
Hypothesis embed_inj : injective embed.
Variables (m n : nat) (A : 'M[R]_(m, n)).

Lemma minor_image k (f : 'I_k -> 'I_m) (g : 'I_k -> 'I_n) (T : comRingType) (h : {rmorphism R -> T}) :
  \det (mxsub f g (map_mx h A)) = h (\det (mxsub f g A)).
Proof. by rewrite -det_map_mx map_mxsub. Qed.

(** A minor that is nonzero after a ring homomorphism is nonzero before. *)
Theorem minor_before k (f : 'I_k -> 'I_m) (g : 'I_k -> 'I_n) :
  \det (mxsub f g (map_mx point A)) != 0 -> \det (mxsub f g A) != 0.
Proof. by rewrite minor_image; apply: contra_neq => ->; rewrite rmorph0. Qed.

Theorem minor_rank_image k (f : 'I_k -> 'I_m) (g : 'I_k -> 'I_n) :
  \det (mxsub f g (map_mx point A)) != 0 -> (k <= \rank (map_mx embed A))%N.
Proof.
move/minor_before=> nonzero; apply: (@minor_rank _ _ _ _ f g).
by rewrite minor_image -(rmorph0 embed) (inj_eq embed_inj).
Qed.

End Homomorphism.

(** The form that a program checks: chosen rows and columns, reduced and eliminated with
    invertible pivots, prove rank >= k. *)
Theorem modular_rank (R : comRingType) (S : comUnitRingType) (F : fieldType)
    (point : {rmorphism R -> S}) (embed : {rmorphism R -> F}) m n k
    (A : 'M[R]_(m, n)) (f : 'I_k -> 'I_m) (L : 'M[S]_k) (c : 'I_k -> 'I_n) :
  injective embed ->
  (forall i j : 'I_k, (j < i)%N -> (L *m map_mx point (rowsub f A)) i (c j) = 0) ->
  (forall i, (L *m map_mx point (rowsub f A)) i (c i) \is a GRing.unit) ->
  (k <= \rank (map_mx embed A))%N.
Proof.
move=> inj below pivots; apply: (minor_rank_image inj (point := point) (f := f) (g := c)).
rewrite mxsubcr -map_mxsub; have unit := elimination_minor below pivots.
by apply: contraTneq unit => ->; rewrite unitr0.
Qed.
