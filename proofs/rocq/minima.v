(** What a minimum says of the derivatives, along a line through it: L(theta + t v) - L(theta) as a
    function change of t, with the Taylor expansion in Peano's form as hypothesis. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Geomcheck Require Import quadratic.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Minima.

Variable R : realFieldType.
Variable change : R -> R.

Definition expands (g h : R) := forall e, 0 < e -> exists2 r, 0 < r &
  forall t, `|t| < r -> `|change t - (g * t + h / 2%:R * t ^+ 2)| <= e * t ^+ 2.

Definition local_minimum := exists2 r, 0 < r & forall t, `|t| < r -> 0 <= change t.

Lemma common_radius r s : 0 < r -> 0 < s -> exists2 m, 0 < m & m <= r /\ m <= s :> R.
Proof.
move=> r0 s0; have [le|lt] := leP r s; first by exists r.
by exists s => //; split=> //; apply: ltW.
Qed.

Lemma half_left m : m - m / 2%:R = m / 2%:R :> R.
Proof. by apply/eqP; rewrite subr_eq -mulr2n -(mulr_natr (m / _)) mulfVK ?pnatr_eq0. Qed.

Lemma small_factor a b : 0 <= a -> 0 < b -> exists2 e : R, 0 < e & forall s, s <= e -> s * a < b.
Proof.
move=> a0 b0; have a1 : 0 < a + 1 by apply: lt_le_trans ltr01 _; rewrite addrC le_add_right.
exists (b / (a + 1)) => [|s s_e]; first by rewrite divr_gt0.
apply: (@le_lt_trans _ _ (b / (a + 1) * a)); first by rewrite mulrC [X in _ <= X]mulrC le_mul_left.
by rewrite -[X in _ < X](@mulfVK _ (a + 1)) ?gt_eqF // -subr_gt0 -mulrBr addrAC subrr add0r mulr1 divr_gt0.
Qed.

(** The slope g vanishes at a minimum: t = - s g with a small s would lead below. *)
Theorem first_order g h : expands g h -> local_minimum -> g = 0.
Proof.
move=> taylor [r0 r0_gt0 least]; have [r1 r1_gt0 close] := taylor 1 ltr01.
have [m m_gt0 [m0 m1]] := common_radius r0_gt0 r1_gt0.
apply/eqP; apply: contraT => g0; pose c := h / 2%:R + 1.
have [e e_gt0 small_e] := small_factor (normr_ge0 g) m_gt0.
have [e' e'_gt0 small_e'] := small_factor (normr_ge0 c) ltr01.
have [s s_gt0 [s_e s_e']] := common_radius e_gt0 e'_gt0.
pose t := - (s * g); have inside : `|t| < m by rewrite normrN normrM gtr0_norm ?small_e.
have upper : change t <= g * t + c * t ^+ 2.
  have := le_trans (ler_norm _) (close t (lt_le_trans inside m1)).
  by rewrite -subr_ge0 opprB addrA subr_ge0 addrC -addrA -mulrDl.
have : g * t + c * t ^+ 2 < 0; last first.
  by rewrite ltNge (le_trans (least t (lt_le_trans inside m0)) upper).
have -> : g * t + c * t ^+ 2 = (s * g ^+ 2) * (s * c - 1).
  have one : g * (s * g) = s * g ^+ 2 by rewrite mulrCA expr2.
  have two : c * (s * g) ^+ 2 = s * g ^+ 2 * (s * c).
    rewrite mulrC exprMn expr2 -!mulrA; congr (_ * _).
    by rewrite mulrCA; congr (_ * _); rewrite mulrCA.
  by rewrite /t sqrrN mulrN one two addrC mulrBr mulr1.
have square : 0 < s * g ^+ 2 by rewrite mulr_gt0 // lt_def sqrf_eq0 g0 sqr_ge0.
rewrite pmulr_rlt0 // subr_lt0; apply: le_lt_trans (small_e' s s_e').
by rewrite -[s in X in _ <= X](gtr0_norm s_gt0) -normrM ler_norm.
Qed.

(** The curvature h is not negative there. *)
Theorem second_order g h : expands g h -> local_minimum -> 0 <= h.
Proof.
move=> taylor minimum; have g0 := first_order taylor minimum; case: minimum => r0 r0_gt0 least.
rewrite leNgt; apply/negP => h_lt0; pose e := - h / 2%:R / 2%:R.
have e_gt0 : 0 < e by rewrite !divr_gt0 ?ltr0n // oppr_gt0.
have [r1 r1_gt0 close] := taylor e e_gt0.
have [m m_gt0 [m0 m1]] := common_radius r0_gt0 r1_gt0.
pose t := m / 2%:R; have t_gt0 : 0 < t by rewrite divr_gt0 ?ltr0n.
have inside : `|t| < m by rewrite gtr0_norm // -subr_gt0 half_left.
have := le_trans (ler_norm _) (close t (lt_le_trans inside m1)).
rewrite g0 mul0r add0r -subr_ge0 opprB addrA subr_ge0.
suff -> : e * t ^+ 2 + h / 2%:R * t ^+ 2 = - (e * t ^+ 2).
  rewrite leNgt; move/negP; apply; apply: lt_le_trans (least t (lt_le_trans inside m0)).
  by rewrite oppr_lt0 mulr_gt0 // exprn_gt0.
have hE : h / 2%:R = - (e *+ 2) by rewrite -(mulr_natr e) mulfVK ?pnatr_eq0 // mulNr opprK.
by rewrite hE mulr2n -mulrDl opprD addrA subrr add0r mulNr.
Qed.

(** A critical point of a convex function is a global minimum: change t <= t change 1 on [0, 1]. *)
Theorem convex_critical :
  (forall t, 0 <= t -> t <= 1 -> change t <= t * change 1) ->
  (forall e, 0 < e -> exists2 r, 0 < r & forall t, `|t| < r -> `|change t| <= e * `|t|) ->
  0 <= change 1.
Proof.
move=> convex flat; rewrite leNgt; apply/negP => below; pose e := - change 1 / 2%:R.
have e_gt0 : 0 < e by rewrite divr_gt0 ?ltr0n // oppr_gt0.
have [r r_gt0 close] := flat e e_gt0.
have half_gt0 : 0 < r / 2%:R by rewrite divr_gt0 ?ltr0n.
have [t t_gt0 [t_r t_1]] := common_radius half_gt0 ltr01.
have inside : `|t| < r.
  by rewrite gtr0_norm //; apply: le_lt_trans t_r _; rewrite -subr_gt0 half_left.
have := close t inside; rewrite (gtr0_norm t_gt0) => near.
have : - (e * t) <= t * change 1.
  apply: le_trans (convex t (ltW t_gt0) t_1).
  by rewrite -subr_ge0 opprK addrC -[X in _ + X]opprK subr_ge0; apply: le_trans near; rewrite -normrN ler_norm.
have -> : t * change 1 = - (e * t) *+ 2.
  by rewrite mulNrn -mulrnAl -(mulr_natr e) mulfVK ?pnatr_eq0 // mulNr opprK mulrC.
by rewrite leNgt mulr2n -subr_lt0 addrK; move/negP; apply; rewrite oppr_lt0 mulr_gt0.
Qed.

End Minima.
