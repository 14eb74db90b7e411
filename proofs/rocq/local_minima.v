(** A critical point with a positive definite Hessian is a strict local minimum. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Geomcheck Require Import quadratic selection dominance minima.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definite.

Variables (R : realFieldType) (n : nat).
Implicit Types (M : 'M[R]_n) (x : 'cV[R]_n).

(** |x|^2 *)
Definition size2 x : R := (x^T *m x) 0 0.

Lemma form_one x : form 1%:M x = size2 x.
Proof. by rewrite /form /bilinear mulmx1. Qed.

(** Every form is at most a multiple of |x|^2. *)
Lemma form_bounded M : symmetric M -> exists2 c, 0 < c & forall x, form M x <= c * size2 x.
Proof.
move=> symM; pose w i := M i i + \sum_(j | j != i) `|(- M) i j|.
have sum_ge0 : 0 <= \sum_i `|w i| by apply: sumr_ge0 => i _.
exists (\sum_i `|w i| + 1) => [|x].
  by apply: lt_le_trans ltr01 _; rewrite addrC le_add_right.
have symN : symmetric (- M) by rewrite /symmetric linearN /= symM.
have := form_lower symN x; rewrite form_opp => lower.
rewrite ler_oppr -sumrN in lower; apply: le_trans lower _.
rewrite /size2 square_sum mulr_sumr; apply: ler_sum => i _.
rewrite -mulrN opprB mxE opprK addrC [X in _ <= X]mulrC; apply: le_mul_left; first exact: sqr_ge0.
apply: le_trans (ler_norm (w i)) _; rewrite (bigD1 i) //= -addrA le_add_right //.
by rewrite addr_ge0 // sumr_ge0.
Qed.

(** A positive definite form is at least a positive multiple of |x|^2: with c as above for the
    inverse, 0 <= form M (M^-1 x - c x) <= c^2 form M x - c |x|^2. *)
Lemma definite_above M : symmetric M -> pd M -> exists2 c, 0 < c & forall x, c * size2 x <= form M x.
Proof.
move=> symM definite.
have unit : M \in unitmx.
  rewrite -row_full_unit /row_full; apply/eqP/injective_rank => x zero; apply/eqP.
  by apply: contraT => /definite; rewrite /form /bilinear -mulmxA zero mulmx0 mxE ltxx.
have symI : symmetric (invmx M) by rewrite /symmetric trmx_inv symM.
have [c c_gt0 bound] := form_bounded symI.
exists c^-1 => [|x]; first by rewrite invr_gt0.
pose u := invmx M *m x; have Mu : M *m u = x by rewrite mulmxA mulmxV // mul1mx.
have := pd_psd definite (u + (- c) *: x); rewrite form_line //.
have -> : bilinear M u x = size2 x by rewrite bilinear_sym // /bilinear -mulmxA Mu.
have -> : form M u = form (invmx M) x.
  by rewrite /form /bilinear -mulmxA Mu /u trmx_mul symI.
move=> nonneg; have := addr_ge0 nonneg (_ : 0 <= c * size2 x - form (invmx M) x).
rewrite subr_ge0 bound => /(_ isT); rewrite sqrrN mulNr mulr2n.
rewrite addrC addrA addrA subrK addrA subrr add0r expr2 -mulrA addrC -mulrBr => pos.
by move: pos; rewrite pmulr_rge0 // subr_ge0 mulrC -ler_pdivr_mulr // mulrC.
Qed.

(** The change of L near a point where its gradient is 0, to second order. *)
Definition expands2 (change : 'cV[R]_n -> R) M := forall e, 0 < e -> exists2 r, 0 < r &
  forall x, size2 x < r -> `|change x - form M x / 2%:R| <= e * size2 x.

(** A critical point with a positive definite Hessian is a strict local minimum. *)
Theorem definite_minimum (change : 'cV[R]_n -> R) M : symmetric M -> pd M -> expands2 change M ->
  exists2 r, 0 < r & forall x, x != 0 -> size2 x < r -> 0 < change x.
Proof.
move=> symM definite taylor; have [c c_gt0 above] := definite_above symM definite.
have e_gt0 : 0 < c / 2%:R / 2%:R by rewrite !divr_gt0 ?ltr0n.
have [r r_gt0 close] := taylor _ e_gt0; exists r => // x x0 near.
have := close x near; rewrite -normrN opprB => /(le_trans (ler_norm _)); rewrite -subr_ge0 opprB.
have q_gt0 : 0 < size2 x.
  by rewrite lt_def square_ge0 andbT; apply: contra_neq x0; apply: square_eq0.
set e := c / 2%:R / 2%:R in e_gt0 *; move=> le; set h := form M x / 2%:R in le.
have enough : e * size2 x < h.
  have twice : c / 2%:R = e + e by apply/eqP; rewrite -subr_eq half_left.
  apply: (@lt_le_trans _ _ ((e + e) * size2 x)); first by rewrite mulrDl -subr_gt0 addrK mulr_gt0.
  rewrite -twice /h mulrAC [X in _ <= X]mulrC [X in X <= _]mulrC.
  by apply: le_mul_left (above x); rewrite invr_ge0 ler0n.
rewrite -subr_gt0 in enough; apply: lt_le_trans enough _; rewrite -subr_ge0.
by move: le; rewrite opprB addrCA.
Qed.

End Definite.
