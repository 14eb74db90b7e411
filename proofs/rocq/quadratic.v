(** Quadratic forms over an ordered field, and the kernel of a positive semidefinite matrix. *)
From mathcomp Require Import all_ssreflect all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.

Variables (R : realFieldType) (n : nat).
Implicit Types (M : 'M[R]_n) (x y : 'cV[R]_n).

(** x^T M y, a number. *)
Definition bilinear M x y : R := (x^T *m M *m y) 0 0.

Definition form M x : R := bilinear M x x.

Definition symmetric M := M^T = M.

Definition psd M := forall x, 0 <= form M x.

Definition pd M := forall x, x != 0 -> 0 < form M x.

End Definitions.

Section Order.

Variable R : realFieldType.
Implicit Types a b c d : R.

Lemma le_mul_left a b c : 0 <= a -> b <= c -> a * b <= a * c.
Proof. by move=> a_ge0 b_c; rewrite -subr_ge0 -mulrBr mulr_ge0 // subr_ge0. Qed.

Lemma lt_mul_right a b c : 0 < a -> b < c -> b * a < c * a.
Proof. by move=> a_gt0 b_c; rewrite -subr_gt0 -mulrBl mulr_gt0 // subr_gt0. Qed.

Lemma le_add_right a b : 0 <= b -> a <= a + b.
Proof. by move=> b_ge0; rewrite -subr_ge0 addrC addKr. Qed.

Lemma lt_add_left a b c : (a + b < a + c) = (b < c).
Proof. by rewrite -subr_gt0 opprD addrACA subrr add0r subr_gt0. Qed.

Lemma le_add a b c d : a <= b -> c <= d -> a + c <= b + d.
Proof. by move=> a_b c_d; rewrite -subr_ge0 opprD addrACA addr_ge0 // subr_ge0. Qed.

Lemma le_twice a b : (a *+ 2 <= b *+ 2) = (a <= b).
Proof. by rewrite -subr_ge0 -mulrnBl pmulrn_lge0 // subr_ge0. Qed.

End Order.

Section Forms.

Variable R : realFieldType.

Lemma scalar_mx_eq (a : 'M[R]_1) : a = (a 0 0)%:M.
Proof. by rewrite -mx11_scalar. Qed.

Lemma square_sum n (x : 'cV[R]_n) : (x^T *m x) 0 0 = \sum_i x i 0 ^+ 2.
Proof. by rewrite mxE; apply: eq_bigr => i _; rewrite mxE expr2. Qed.

Lemma square_ge0 n (x : 'cV[R]_n) : 0 <= (x^T *m x) 0 0.
Proof. by rewrite square_sum; apply: sumr_ge0 => i _; apply: sqr_ge0. Qed.

(** |x|^2 = 0 only for x = 0; here the order of the field is used. *)
Lemma square_eq0 n (x : 'cV[R]_n) : (x^T *m x) 0 0 = 0 -> x = 0.
Proof.
rewrite square_sum => /eqP; rewrite psumr_eq0 => [|i _]; last exact: sqr_ge0.
move/allP=> zero; apply/matrixP => i j; rewrite mxE (ord1 j).
by apply/eqP; rewrite -sqrf_eq0; apply: zero; rewrite mem_index_enum.
Qed.

Lemma formE n (M : 'M[R]_n) (x : 'cV[R]_n) : form M x = \sum_i \sum_j x i 0 * M i j * x j 0.
Proof.
rewrite /form /bilinear mxE exchange_big /=; apply: eq_bigr => j _.
by rewrite mxE big_distrl /=; apply: eq_bigr => i _; rewrite !mxE.
Qed.

Lemma form0 n (M : 'M[R]_n) : form M 0 = 0.
Proof. by rewrite /form /bilinear mulmx0 mxE. Qed.

Lemma form_congruence n m (M : 'M[R]_n) (V : 'M_(n, m)) (x : 'cV_m) :
  form (V^T *m M *m V) x = form M (V *m x).
Proof. by rewrite /form /bilinear trmx_mul !mulmxA. Qed.

Lemma form_opp n (M : 'M[R]_n) x : form (- M) x = - form M x.
Proof. by rewrite /form /bilinear mulmxN mulNmx mxE. Qed.

Lemma form_neg n (M : 'M[R]_n) x : form M (- x) = form M x.
Proof.
rewrite /form /bilinear; have -> : (- x)^T = - x^T by apply/matrixP=> i j; rewrite !mxE.
by rewrite !mulmxN !mulNmx opprK.
Qed.

Lemma form_scale n (M : 'M[R]_n) c x : form M (c *: x) = c ^+ 2 * form M x.
Proof.
rewrite /form /bilinear; have -> : (c *: x)^T = c *: x^T by apply/matrixP=> i j; rewrite !mxE.
by rewrite -scalemxAr -!scalemxAl !mxE mulrA expr2.
Qed.

Lemma bilinear_sym n (M : 'M[R]_n) x y : symmetric M -> bilinear M x y = bilinear M y x.
Proof.
move=> symM; rewrite /bilinear -[in LHS](trmxK (x^T *m M *m y)) [in LHS]mxE.
by rewrite !trmx_mul trmxK symM mulmxA.
Qed.

Lemma bilinear_addr n (M : 'M[R]_n) x y z t :
  bilinear M x (y + t *: z) = bilinear M x y + t * bilinear M x z.
Proof. by rewrite /bilinear mulmxDr -scalemxAr !mxE. Qed.

Lemma bilinear_addl n (M : 'M[R]_n) x y z t :
  bilinear M (y + t *: z) x = bilinear M y x + t * bilinear M z x.
Proof.
rewrite /bilinear; have -> : (y + t *: z)^T = y^T + t *: z^T by apply/matrixP=> i j; rewrite !mxE.
by rewrite !mulmxDl -!scalemxAl [LHS]mxE [X in _ + X]mxE.
Qed.

Lemma form_line n (M : 'M[R]_n) x y t : symmetric M ->
  form M (x + t *: y) = form M x + t * bilinear M x y *+ 2 + t ^+ 2 * form M y.
Proof.
move=> symM; rewrite /form bilinear_addl !bilinear_addr (bilinear_sym y x symM).
by rewrite mulrDr mulrA -expr2 mulr2n !addrA.
Qed.

Lemma pd_psd n (M : 'M[R]_n) : pd M -> psd M.
Proof.
by move=> pdM x; have [->|x0] := eqVneq x 0; rewrite ?form0 //; apply/ltW/pdM.
Qed.

(** x^T D x = 0 forces D x = 0 when D is symmetric and positive semidefinite: along y = D x
    the form is 2 t |Dx|^2 + t^2 c >= 0 for all t, which t = - |Dx|^2 / (c + 1) contradicts. *)
Theorem psd_isotropic n (D : 'M[R]_n) (x : 'cV_n) :
  symmetric D -> psd D -> form D x = 0 -> D *m x = 0.
Proof.
move=> symD psdD zero; apply: square_eq0; set q := (_ 0 0).
have q_ge0 : 0 <= q by apply: square_ge0.
have qE : bilinear D x (D *m x) = q by rewrite bilinear_sym // /bilinear /q -mulmxA.
set c := form D (D *m x); have c_ge0 : 0 <= c by apply: psdD.
apply/eqP; apply: contraT => q_neq0.
have q_gt0 : 0 < q by rewrite lt_def q_neq0.
have d_gt0 : 0 < c + 1 by apply: (lt_le_trans ltr01); rewrite -subr_ge0 addrK.
pose s := q / (c + 1); have s_gt0 : 0 < s by rewrite divr_gt0.
have := psdD (x + (- s) *: (D *m x)); rewrite form_line // zero qE add0r -/c.
have -> : - s * q *+ 2 + (- s) ^+ 2 * c = - (s * (q + (q - s * c))).
  by rewrite sqrrN expr2 mulNr mulNrn !mulrDr mulrN mulrA addrA -mulr2n opprD opprK.
have gap : q - s * c = s.
  have -> : q = s * (c + 1) by rewrite /s mulfVK // gt_eqF.
  by rewrite mulrDr mulr1 addrAC subrr add0r.
by rewrite gap oppr_ge0 leNgt (mulr_gt0 s_gt0 (addr_gt0 q_gt0 s_gt0)).
Qed.

End Forms.
