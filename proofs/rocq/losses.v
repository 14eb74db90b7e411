(** Where a loss is least, and which losses are convex, as far as algebra goes. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Geomcheck Require Import quadratic.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Least.

Variable R : realFieldType.

(** perfect-fit: where the loss of every sample is least, the scaled sum is. *)
Theorem perfect_fit_least N (Out Label : Type) (loss : Out -> Label -> R) (y : 'I_N -> Label)
    (fit : 'I_N -> Out) (c : R) : 0 <= c -> (forall i f, loss (fit i) (y i) <= loss f (y i)) ->
  forall outputs : 'I_N -> Out,
    (c * (\sum_i loss (fit i) (y i)) <= c * (\sum_i loss (outputs i) (y i)))%R.
Proof. by move=> c_ge0 least outputs; apply: le_mul_left => //; apply: ler_sum => i _; apply: least. Qed.

(** squares: L exceeds its value at the point by z^T Q z with Q psd, so it is least there. *)
Theorem gram_least (T : Type) k (L : T -> R) (point : T) (z : T -> 'cV[R]_k) (Q : 'M[R]_k) :
  psd Q -> (forall x, L x - L point = form Q (z x)) -> forall x, L point <= L x.
Proof. by move=> psdQ identity x; rewrite -subr_ge0 identity. Qed.

(** mse and quartic are least at f = y, where they are 0. *)
Theorem even_power_least (f y : R) n : (y - y) ^+ n.*2.+2 <= (f - y) ^+ n.*2.+2.
Proof. by rewrite subrr expr0n /= -doubleS -muln2 mulnC exprM exprn_ge0 // sqr_ge0. Qed.

(** A loss formula c(y) + w^T Q w / 2 + sum of c_a w^(2 a) with Q psd and all c_a >= 0, w = f - y,
    is least at w = 0 if every further term has some a_k > 0. *)
Theorem even_form_least K n (Q : 'M[R]_K) (c : 'I_n -> R) (a : 'I_n -> 'I_K -> nat) (base : R) :
  psd Q -> (forall i, 0 <= c i) -> (forall i, exists k, (0 < a i k)%N) ->
  let loss (w : 'cV[R]_K) := base + form Q w / 2%:R + \sum_i c i * \prod_k (w k 0 ^+ 2) ^+ a i k in
  forall w, loss 0 <= loss w.
Proof.
move=> psdQ c_ge0 proper loss w.
have -> : loss 0 = base.
  rewrite /loss form0 mul0r addr0 big1 ?addr0 // => i _; have [k ak] := proper i.
  by rewrite (bigD1 k) //= mxE expr2 mul0r expr0n gtn_eqF // mul0r mulr0.
rewrite /loss -addrA le_add_right // addr_ge0 //; first by rewrite divr_ge0 ?ler0n.
by apply: sumr_ge0 => i _; rewrite mulr_ge0 // prodr_ge0 // => k _; rewrite exprn_ge0 // sqr_ge0.
Qed.

End Least.

Section Convex.

Variable R : realFieldType.

(** f (t x + (1 - t) y) <= t f x + (1 - t) f y for 0 <= t <= 1. *)
Definition convex (V : lmodType R) (f : V -> R) := forall (t : R) x y, 0 <= t -> t <= 1 ->
  f (t *: x + (1 - t) *: y) <= t * f x + (1 - t) * f y.

(** convex: a convex loss of a behaviour that is affine in the parameters is convex in them. *)
Theorem convex_affine (V W : lmodType R) (l : W -> R) (F : {linear V -> W}) (b : W) :
  convex l -> convex (fun x => l (F x + b)).
Proof.
move=> convl t x y t0 t1; rewrite linearD !linearZ /=.
suff -> : t *: F x + (1 - t) *: F y + b = t *: (F x + b) + (1 - t) *: (F y + b) by apply: convl.
by rewrite !scalerDr addrACA -scalerDl (addrC t) subrK scale1r.
Qed.

(** Sums over samples, and weight decay. *)
Theorem convex_sum (V : lmodType R) (f g : V -> R) (c : R) : 0 <= c -> convex f -> convex g ->
  convex (fun x => f x + c * g x).
Proof.
move=> c0 convf convg t x y t0 t1; rewrite !mulrDr addrACA; apply: le_add; first exact: convf.
by rewrite !(mulrCA _ c) -mulrDr; apply/le_mul_left/convg.
Qed.

Lemma square_gap (t a b : R) :
  t * a ^+ 2 + (1 - t) * b ^+ 2 - (t * a + (1 - t) * b) ^+ 2 = t * (1 - t) * (a - b) ^+ 2.
Proof.
have line x y : t * x + (1 - t) * y = y + t * (x - y) by rewrite mulrBl mul1r mulrBr addrCA.
rewrite !line subr_sqr sqrrD; set u := a - b.
have sum : a + b = u + b *+ 2 by rewrite /u mulr2n addrA subrK.
rewrite sum -[X in _ - X]addrA opprD addrACA subrr add0r; clearbody u.
have -> : t * (u * (u + b *+ 2)) = t * u * u + b * (t * u) *+ 2.
  by rewrite !mulr2n !mulrDr !mulrA (mulrC (t * u) b) mulrA.
by rewrite opprD addrA addrK mulrBr mulr1 mulrBl exprMn !expr2 !mulrA.
Qed.

(** mse: the square is convex. *)
Theorem convex_square : convex (fun w : R^o => w ^+ 2).
Proof.
move=> t a b t0 t1; rewrite -subr_ge0 square_gap mulr_ge0 ?sqr_ge0 // mulr_ge0 // subr_ge0 //.
Qed.

(** quartic: the square of a convex function that is not negative is convex. *)
Theorem convex_squared (V : lmodType R) (f : V -> R) : (forall x, 0 <= f x) -> convex f ->
  convex (fun x => f x ^+ 2).
Proof.
move=> f0 convf t x y t0 t1; apply: le_trans (convex_square _ _ t0 t1).
rewrite ler_sqr ?nnegrE //; first exact: convf.
by rewrite addr_ge0 // mulr_ge0 // subr_ge0.
Qed.

End Convex.
