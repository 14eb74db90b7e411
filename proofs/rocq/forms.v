(** Products of forms, for networks of even powers. A form in several variables is written as a
    polynomial in one by x_j = X^(b^j), b larger than all its degrees: that keeps products and keeps
    distinct monomials distinct; the order of monomials is that of their exponents. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Geomcheck Require Import minors.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

(** T = Q Q' vanishes with all its derivatives where Q and Q' do: e is the value at a point, d a
    derivative. *)
Theorem product_vanishes (A : comRingType) (F : fieldType) (e : {rmorphism A -> F}) (d : A -> A)
    (Q Q' : A) : d (Q * Q') = d Q * Q' + Q * d Q' -> e Q = 0 -> e Q' = 0 ->
  e (Q * Q') = 0 /\ e (d (Q * Q')) = 0.
Proof.
move=> leibniz zero zero'; rewrite leibniz rmorphD !rmorphM zero zero' !mul0r mulr0 addr0.
by split.
Qed.

Section Forms.

Variable F : fieldType.

(** Polynomials of distinct degrees are independent. *)
Theorem distinct_degrees_rank k n (p : 'I_k -> {poly F}) :
  (forall i j : 'I_k, (i < j)%N -> (size (p i) < size (p j))%N) -> (forall i, p i != 0) ->
  (forall i, (size (p i) <= n)%N) -> \rank (\matrix_(i < k, j < n) (p i)`_j) = k.
Proof.
move=> increasing nonzero bounded; apply/eqP; rewrite eqn_leq rank_leq_row /=.
have top i : ((size (p i)).-1 < n)%N.
  by apply: leq_trans (bounded i); rewrite prednK // size_poly_gt0.
apply: (@minor_rank _ _ _ _ id (fun i => Ordinal (top i))).
rewrite det_trig; last first.
  apply/is_trig_mxP => i j i_j; rewrite !mxE /= nth_default //.
  by rewrite -ltnS prednK ?size_poly_gt0 // increasing.
by apply/prodf_neq0 => i _; rewrite !mxE /= -lead_coefE lead_coef_eq0.
Qed.

(** m + 1 forms of distinct degrees have 2 m + 1 independent products: Q_0 Q_0, ..., Q_0 Q_m, Q_1 Q_m, ...,
    Q_m Q_m. *)
Theorem products_of_forms m n (Q : 'I_m.+1 -> {poly F}) :
  (forall i j : 'I_m.+1, (i < j)%N -> (size (Q i) < size (Q j))%N) -> (forall i, Q i != 0) ->
  (forall i j, (size (Q i * Q j)%R <= n)%N) ->
  let p (k : 'I_(m.+1 + m)) := match split k with
    | inl i => Q ord0 * Q i | inr i => Q (lift ord0 i) * Q ord_max end in
  \rank (\matrix_(k < m.+1 + m, j < n) (p k)`_j) = (m.+1 + m)%N.
Proof.
move=> increasing nonzero bounded p.
have monotone (i j : 'I_m.+1) : (i <= j)%N -> (size (Q i) <= size (Q j))%N.
  by rewrite leq_eqVlt => /orP[/eqP/val_inj->//|/increasing/ltnW].
have size_product i j : size (Q i * Q j) = (size (Q i) + size (Q j)).-1.
  by rewrite size_mul.
have positive i : (0 < size (Q i))%N by rewrite size_poly_gt0.
apply: distinct_degrees_rank => [k l|k|k]; rewrite /p; last 2 first.
- by case: (split k) => i; rewrite mulf_neq0.
- by case: (split k) => i; apply: bounded.
have smaller a b c : (0 < a)%N -> (a + b < c)%N -> ((a + b).-1 < c.-1)%N by case: a => // a _; case: c.
case: splitP => i ->; case: splitP => j -> lt; rewrite !size_product; apply: smaller => //.
- by rewrite ltn_add2l increasing.
- by rewrite -addSn leq_add ?increasing // monotone // -ltnS.
- by move: lt; rewrite ltnNge (leq_trans (ltnW (ltn_ord j))) // leq_addr.
by rewrite ltn_add2r increasing //= ltnS -(ltn_add2l m.+1).
Qed.

(** Blocks of rows, one for each output. *)
Theorem rank_stacked k l n (A : 'M[F]_(k, n)) (B : 'M_(l, n)) :
  (\rank (col_mx A B) <= \rank A + \rank B)%N.
Proof. by rewrite -addsmxE; apply: mxrank_adds_leqif. Qed.

End Forms.
