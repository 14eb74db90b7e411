(** The second chain rule, H = G^T D G + sum_j r_j Hess F_j, from the product rule alone: partial
    derivatives are additive maps with the Leibniz rule on a ring of functions of theta. *)
From mathcomp Require Import all_ssreflect all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section ChainRule.

Variables (A : comRingType) (p m : nat) (d : 'I_p -> A -> A).
Hypothesis d_add : forall i x y, d i (x + y) = d i x + d i y.
Hypothesis d_mul : forall i x y, d i (x * y) = d i x * y + x * d i y.

Lemma d_zero i : d i 0 = 0.
Proof. by apply: (@addrI _ (d i 0)); rewrite -d_add !addr0. Qed.

Lemma d_sum i k (f : 'I_k -> A) : d i (\sum_j f j) = \sum_j d i (f j).
Proof. by apply: (big_morph (d i)) => [x y|]; rewrite ?d_add ?d_zero. Qed.

(** L = l(F) with r_j = dl/dF_j and D_jk = d^2 l/dF_j dF_k: the first chain rule for l and for r. *)
Variables (L : A) (F r : 'I_m -> A) (D : 'M[A]_m).
Hypothesis d_loss : forall i, d i L = \sum_j r j * d i (F j).
Hypothesis d_residual : forall i j, d i (r j) = \sum_k D j k * d i (F k).

Definition G : 'M[A]_(m, p) := \matrix_(j, i) d i (F j).
Definition hessian (f : A) : 'M[A]_p := \matrix_(a, b) d b (d a f).

(** The gradient of L is G^T r. *)
Theorem gradient : \col_i d i L = G^T *m \col_j r j.
Proof.
apply/matrixP => i k; rewrite !mxE d_loss; apply: eq_bigr => j _; rewrite !mxE.
exact: mulrC.
Qed.

(** H = H_o + H_f. *)
Theorem decomposition : hessian L = G^T *m D *m G + \sum_j r j *: hessian (F j).
Proof.
apply/matrixP => a b; rewrite [RHS]mxE summxE [LHS]mxE d_loss d_sum [X in _ = X + _]mxE.
rewrite (eq_bigr (fun j => d b (r j) * d a (F j) + r j * d b (d a (F j)))) => [|j _]; last exact: d_mul.
rewrite !big_split /=; congr (_ + _); last by apply: eq_bigr => j _; rewrite !mxE.
transitivity (\sum_j \sum_k d a (F j) * D j k * d b (F k)).
  apply: eq_bigr => j _; rewrite d_residual mulr_suml; apply: eq_bigr => k _.
  by rewrite mulrC mulrA.
rewrite exchange_big /=; apply: eq_bigr => k _; rewrite !mxE mulr_suml.
by apply: eq_bigr => j _; rewrite !mxE.
Qed.

(** H, H_o and H_f are symmetric as soon as second derivatives commute. *)
Theorem hessian_symmetric f : (forall a b, d b (d a f) = d a (d b f)) -> (hessian f)^T = hessian f.
Proof. by move=> commute; apply/matrixP => a b; rewrite !mxE. Qed.

Theorem outer_symmetric : D^T = D -> (G^T *m D *m G)^T = G^T *m D *m G.
Proof. by move=> symD; rewrite !trmx_mul trmxK symD mulmxA. Qed.

(** r = 0: the functional part is 0. *)
Theorem vanishing_residual : (forall j, r j = 0) -> \sum_j r j *: hessian (F j) = 0.
Proof. by move=> zero; rewrite big1 // => j _; rewrite zero scale0r. Qed.

(** r_j = c for all j, and sum_j F_j constant: the functional part is 0. *)
Theorem constant_residual c :
  (forall j, r j = c) -> (forall i, d i (\sum_j F j) = 0) -> \sum_j r j *: hessian (F j) = 0.
Proof.
move=> same still; apply/matrixP => a b; rewrite summxE [RHS]mxE.
transitivity (c * d b (d a (\sum_j F j))); last by rewrite still d_zero mulr0.
by rewrite !d_sum mulr_sumr; apply: eq_bigr => j _; rewrite !mxE same.
Qed.

(** F_j with no second derivative: the functional part is 0. *)
Theorem affine_behaviour :
  (forall a b j, d b (d a (F j)) = 0) -> \sum_j r j *: hessian (F j) = 0.
Proof.
move=> flat; rewrite big1 // => j _; apply/matrixP => a b.
by rewrite !mxE flat mulr0.
Qed.

End ChainRule.
