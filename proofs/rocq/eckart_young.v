(** The least squared error of a linear network (Eckart and Young), by a certificate: the error
    |Y - X M|^2 over all M of rank at most m is least at F as soon as a number c separates the part
    F of the least-squares fit S from the rest R = S - F. No eigenvalue and no square root is used. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Geomcheck Require Import quadratic gram.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Traces.

Variable R : realFieldType.

Lemma transpose_add m n (U V : 'M[R]_(m, n)) : (U + V)^T = U^T + V^T.
Proof. exact: linearD. Qed.

Lemma transpose_sub m n (U V : 'M[R]_(m, n)) : (U - V)^T = U^T - V^T.
Proof. exact: linearB. Qed.

(** |M|^2, the sum of the squares of the entries. *)
Definition norm2 m n (M : 'M[R]_(m, n)) : R := \tr (M^T *m M).

Lemma psd_gram m n (M : 'M[R]_(m, n)) : psd (M^T *m M).
Proof. by move=> x; rewrite /form /bilinear mulmxA -trmx_mul -mulmxA; apply: square_ge0. Qed.

Lemma trace_psd n (M : 'M[R]_n) : psd M -> 0 <= \tr M.
Proof.
move=> psdM; apply: sumr_ge0 => i _; have := psdM (delta_mx i 0).
by rewrite /form /bilinear trmx_delta -rowE -colE !mxE.
Qed.

Lemma norm2_ge0 m n (M : 'M[R]_(m, n)) : 0 <= norm2 M.
Proof. exact: trace_psd (psd_gram M). Qed.

(** |U + V|^2 = |U|^2 + |V|^2 for U and V with U^T V of trace 0. *)
Lemma norm2_add m n (U V : 'M[R]_(m, n)) : \tr (U^T *m V) = 0 -> norm2 (U + V) = norm2 U + norm2 V.
Proof.
move=> orth; have orth' : \tr (V^T *m U) = 0 by rewrite -mxtrace_tr trmx_mul trmxK.
by rewrite /norm2 transpose_add mulmxDl !mulmxDr !mxtraceD orth orth' addr0 add0r.
Qed.

(** tr (P M) >= 0 and tr (P M) <= tr M for an orthogonal projection P and M psd. *)
Lemma trace_projection_ge0 n (P M : 'M[R]_n) : P^T = P -> P *m P = P -> psd M -> 0 <= \tr (P *m M).
Proof.
move=> symP idem psdM; rewrite -idem -mulmxA mxtrace_mulC -{1}symP.
by rewrite -mulmxA mulmxA; apply: trace_psd => x; rewrite form_congruence.
Qed.

Lemma trace_projection_le n (P M : 'M[R]_n) : P^T = P -> P *m P = P -> psd M -> \tr (P *m M) <= \tr M.
Proof.
move=> symP idem psdM; rewrite -subr_ge0 -linearB /= -[X in X - _]mul1mx -mulmxBl.
apply: trace_projection_ge0 => //; first by rewrite transpose_sub trmx1 symP.
by rewrite mulmxBl !mulmxBr !mul1mx mulmx1 idem subrr subr0.
Qed.

(** The orthogonal projection onto the row space of Z. *)
Lemma projection_exists m n (Z : 'M[R]_(m, n)) :
  exists P : 'M[R]_n, [/\ P^T = P, P *m P = P, Z *m P = Z, \tr P = (\rank Z)%:R
    & exists T : 'M_(n, m), P = T *m Z].
Proof.
have [k [B [kE full BZ ZB]]] :
    exists k (B : 'M_(k, n)), [/\ k = \rank Z, row_free B, (B <= Z)%MS & (Z <= B)%MS].
  by exists (\rank Z), (row_base Z); rewrite row_base_free !eq_row_base.
have unit : B *m B^T \in unitmx.
  by rewrite -row_free_unit /row_free -{1}(trmxK B) gram_rank mxrank_tr.
have symU : (invmx (B *m B^T))^T = invmx (B *m B^T) by rewrite trmx_inv trmx_mul trmxK.
exists (B^T *m invmx (B *m B^T) *m B); split.
- by rewrite !trmx_mul trmxK symU mulmxA.
- by rewrite -!mulmxA (mulmxA B) (mulmxA (invmx _)) mulVmx // mul1mx.
- have /submxP[T TE] := ZB.
  by rewrite [in LHS]TE -!mulmxA (mulmxA B) (mulmxA (_ *m _)) mulmxV // mul1mx -TE.
- by rewrite mxtrace_mulC mulmxA mulmxV // mxtrace1 kE.
have /submxP[T TE] := BZ.
by exists (B^T *m invmx (B *m B^T) *m T); rewrite -[RHS]mulmxA -TE.
Qed.

End Traces.

Section Separation.

Variables (R : realFieldType) (N K m : nat) (F rest : 'M[R]_(N, K)) (c : R).

(** The rest is orthogonal to F by rows and by columns; c separates their squared singular values. *)
Hypothesis columns : F^T *m rest = 0.
Hypothesis rows : F *m rest^T = 0.
Hypothesis c_ge0 : 0 <= c.
Hypothesis above : psd (c%:M - rest^T *m rest).
Hypothesis below : psd ((F^T *m F) *m (F^T *m F) - c *: (F^T *m F)).
Hypothesis rankF : c = 0 \/ \rank F = m.

Let A := F^T *m F.
Let B := rest^T *m rest.

Lemma gram_sum : (F + rest)^T *m (F + rest) = A + B.
Proof.
have columns' : rest^T *m F = 0 by rewrite -[rest^T *m F]trmxK trmx_mul trmxK columns trmx0.
by rewrite transpose_add mulmxDl !mulmxDr columns columns' addr0 add0r.
Qed.

(** On the row space of F, for w = F^T z with z = F u, the form of A is at least c |w|^2:
    0 <= |F w - c z|^2 = |F w|^2 - 2 c |w|^2 + c^2 |z|^2 and c |z|^2 <= |w|^2. *)
Lemma form_above (u : 'cV[R]_K) : c * form 1%:M (A *m u) <= form A (A *m u).
Proof.
set w := A *m u; pose z := F *m u; have wE : w = F^T *m z by rewrite /w /A mulmxA.
have formA x : form A x = form 1%:M (F *m x).
  rewrite /form /bilinear /A. by rewrite mulmx1 trmx_mul !mulmxA.
have le : c * form 1%:M z <= form 1%:M w.
  have := below u; rewrite -/A /form /bilinear mulmxBr mulmxBl mxE [X in _ + X]mxE subr_ge0.
  rewrite -scalemxAr -scalemxAl mxE !mulmx1 /z /w !trmx_mul !mulmxA.
  by rewrite trmxK.
have cross : bilinear 1%:M (F *m w) z = form 1%:M w.
  by rewrite /form /bilinear !mulmx1 trmx_mul -mulmxA -wE.
have : 0 <= form 1%:M (F *m w + (- c) *: z).
  by rewrite /form /bilinear mulmx1; apply: square_ge0.
rewrite form_line ?/symmetric ?trmx1 // cross -formA => nonneg.
rewrite -subr_ge0; have := le_mul_left c_ge0 le; rewrite -subr_ge0 => gap.
have := addr_ge0 nonneg gap; rewrite sqrrN expr2 -[c * c * _]mulrA mulNr mulr2n.
by rewrite addrACA subrr addr0 -addrA -addrA addNr addr0.
Qed.

Lemma norm2_split : norm2 (F + rest) = \tr A + \tr B.
Proof. by rewrite norm2_add // columns mxtrace0. Qed.

(** An orthogonal projection of rank at most m catches at most the part F. *)
Lemma caught (P : 'M[R]_K) : P^T = P -> P *m P = P -> \tr P <= m%:R -> \tr (P *m (A + B)) <= \tr A.
Proof.
move=> symP idem small; rewrite mulmxDr mxtraceD.
have [c0|rankm] := rankF.
  have none : 0 <= \tr (P *m - B).
    by apply: trace_projection_ge0 => //; have := above; rewrite c0 raddf0 sub0r.
  rewrite -[X in _ <= X]addr0; apply: le_add; first exact/trace_projection_le/psd_gram.
  by move: none; rewrite mulmxN linearN /= oppr_ge0.
have symA : A^T = A by rewrite /A trmx_mul trmxK.
have symB : B^T = B by rewrite /B trmx_mul trmxK.
have [Q [symQ idemQ AQ trQ [T QE]]] := projection_exists A.
have QA : Q *m A = A by rewrite -[RHS]symA -[in RHS]AQ trmx_mul symQ symA.
have QT : Q = A *m T^T by rewrite -[LHS]symQ QE trmx_mul symA.
have BQ : B *m Q = 0.
  have zero : rest *m F^T = 0 by rewrite -[rest *m _]trmxK trmx_mul trmxK rows trmx0.
  by rewrite QT /A /B !mulmxA -(mulmxA rest^T) zero mulmx0 !mul0mx.
have QB : Q *m B = 0 by rewrite -[Q *m B]trmxK trmx_mul symB symQ BQ trmx0.
have top : psd (A - c *: Q).
  move=> x; rewrite /form /bilinear mulmxBr mulmxBl mxE [X in _ + X]mxE subr_ge0.
  have := form_above (T^T *m x); rewrite mulmxA -QT.
  rewrite -[form A (Q *m x)]form_congruence symQ QA AQ -[form 1%:M _]form_congruence symQ mulmx1 idemQ.
  by rewrite /form /bilinear -scalemxAr -scalemxAl [X in _ -> X <= _]mxE.
have rest_small : psd (c *: (1%:M - Q) - B).
  have -> : c *: (1%:M - Q) - B = (1%:M - Q)^T *m (c%:M - B) *m (1%:M - Q).
    have sym1 : (1%:M - Q)^T = 1%:M - Q by rewrite transpose_sub trmx1 symQ.
    rewrite sym1 mulmxBr mulmxBl [(1%:M - Q) *m B]mulmxBl mul1mx QB subr0 [B *m _]mulmxBr mulmx1 BQ subr0.
    congr (_ - _); rewrite mul_mx_scalar -scalemxAl mulmxBl !mulmxBr !mul1mx mulmx1.
    by rewrite idemQ subrr subr0.
  by move=> x; rewrite form_congruence; apply: above.
have traceP : \tr P <= \tr Q by rewrite trQ gram_rank rankm.
have := trace_projection_le symP idem top; have := trace_projection_ge0 symP idem rest_small.
rewrite !mulmxBr -!scalemxAr mulmxBr mulmx1 scalerBr !linearB /= !linearZ /=.
set pa := \tr (P *m A); set pb := \tr (P *m B); set pq := \tr (P *m Q); set a := \tr A.
move=> one two; have three := le_mul_left c_ge0 traceP.
have := le_add (le_add two one) three.
have -> v : a - c * \tr Q + v + c * \tr Q = a + v by rewrite addrAC subrK.
have -> : pa - c * pq + 0 + c * \tr P = pa + (c * \tr P - c * pq) by rewrite addr0 addrAC -addrA.
rewrite -subr_ge0 -[pa + pb <= a]subr_ge0; set w := c * \tr P - _.
by rewrite (addrC w) (addrA a) (opprD pa) addrACA subrr addr0 -addrA -opprD (addrC pb).
Qed.

(** Hence F is closest to F + rest among all matrices of rank at most m. *)
Lemma closest (Z : 'M[R]_(N, K)) : (\rank Z <= m)%N -> norm2 rest <= norm2 (F + rest - Z).
Proof.
move=> low; have [P [symP idem ZP trP _]] := projection_exists Z; set S := F + rest.
have small : \tr P <= m%:R by rewrite trP ler_nat.
have -> : S - Z = S *m (1%:M - P) + (S *m P - Z) by rewrite mulmxBr mulmx1 addrA subrK.
have sym1 : (1%:M - P)^T = 1%:M - P by rewrite transpose_sub trmx1 symP.
rewrite norm2_add; last first.
  rewrite -[X in \tr (_ *m (_ - X))]ZP -mulmxBl mxtrace_mulC -mulmxA trmx_mul sym1 !mulmxA -(mulmxA _ P).
  by rewrite mulmxBr mulmx1 idem subrr mulmx0 mul0mx mxtrace0.
apply: le_trans (le_add_right _ (norm2_ge0 _)).
have -> : norm2 (S *m (1%:M - P)) = \tr A + \tr B - \tr (P *m (A + B)).
  rewrite /norm2 trmx_mul sym1 -(mulmxA _ S^T) (mulmxA S^T) gram_sum mxtrace_mulC -mulmxA.
  have -> : (1%:M - P) *m (1%:M - P) = 1%:M - P by rewrite mulmxBl !mulmxBr !mul1mx mulmx1 idem subrr subr0.
  by rewrite mxtrace_mulC mulmxBl mul1mx linearB /= mxtraceD.
by rewrite -subr_ge0 /norm2 -/B addrAC addrK subr_ge0 caught.
Qed.

End Separation.

Section LinearNetwork.

Variables (R : realFieldType) (N d K m : nat).
Variables (X : 'M[R]_(N, d)) (Y F S : 'M[R]_(N, K)) (c : R).

(** S = X M and F = X M' with S the least-squares fit of Y, and c separates F from S - F. *)
Hypothesis fit : X^T *m (Y - S) = 0.
Hypothesis reached : (exists M, S = X *m M) /\ (exists M, F = X *m M).
Hypothesis columns : F^T *m (S - F) = 0.
Hypothesis rows : F *m (S - F)^T = 0.
Hypothesis c_ge0 : 0 <= c.
Hypothesis above : psd (c%:M - (S - F)^T *m (S - F)).
Hypothesis below : psd ((F^T *m F) *m (F^T *m F) - c *: (F^T *m F)).
Hypothesis rankF : c = 0 \/ \rank F = m.

Lemma error_split (M : 'M_(d, K)) : norm2 (Y - X *m M) = norm2 (Y - S) + norm2 (S - X *m M).
Proof.
have [[T SE] _] := reached.
have -> : Y - X *m M = (Y - S) + (S - X *m M) by rewrite addrA subrK.
rewrite norm2_add //; have -> : S - X *m M = X *m (T - M) by rewrite mulmxBr SE.
have zero : (Y - S)^T *m X = 0 by rewrite -[(Y - S)^T *m X]trmxK trmx_mul trmxK fit trmx0.
by rewrite mulmxA zero mul0mx mxtrace0.
Qed.

(** eckart-young: no matrix M of rank at most m, and so no linear network with a layer of m units,
    has a smaller squared error than F. *)
Theorem least_squared_error (M : 'M_(d, K)) : (\rank M <= m)%N ->
  norm2 (Y - F) <= norm2 (Y - X *m M).
Proof.
move=> low; have [_ [T FE]] := reached; rewrite [in X in X <= _]FE !error_split -FE.
have := @closest _ _ _ m F (S - F) c columns rows c_ge0 above below rankF (X *m M).
rewrite (addrC F) subrK => le; apply: le_add => //; apply: le.
by apply: leq_trans low; apply: mxrankM_maxr.
Qed.

End LinearNetwork.

(** With a free bias in the last layer, for X, Y, F less their means: E takes the mean away, u is the
    column of ones. *)
Theorem least_squared_error_bias (R : realFieldType) N d K m (E : 'M[R]_N) (u : 'cV_N) (X : 'M_(N, d))
    (Y F S : 'M_(N, K)) c :
  E^T = E -> E *m E = E -> E *m u = 0 -> E *m (Y - F) = Y - F ->
  (E *m X)^T *m (E *m Y - S) = 0 ->
  (exists M, S = E *m X *m M) /\ (exists M, E *m F = E *m X *m M) ->
  (E *m F)^T *m (S - E *m F) = 0 -> E *m F *m (S - E *m F)^T = 0 ->
  0 <= c -> psd (c%:M - (S - E *m F)^T *m (S - E *m F)) ->
  psd (((E *m F)^T *m (E *m F)) *m ((E *m F)^T *m (E *m F)) - c *: ((E *m F)^T *m (E *m F))) ->
  c = 0 \/ \rank (E *m F) = m ->
  forall (M : 'M_(d, K)) (b : 'rV_K), (\rank M <= m)%N -> norm2 (Y - F) <= norm2 (Y - (X *m M + u *m b)).
Proof.
move=> symE idem ones mean fit reached columns rows c_ge0 above below rankF M b low.
have := least_squared_error fit reached columns rows c_ge0 above below rankF low.
have -> : E *m Y - E *m F = Y - F by rewrite -mulmxBr.
have -> : E *m Y - E *m X *m M = E *m (Y - (X *m M + u *m b)).
  by rewrite mulmxBr mulmxDr !mulmxA ones mul0mx addr0.
move/le_trans; apply; set W := Y - _.
rewrite /norm2 trmx_mul symE -mulmxA (mulmxA E) idem mxtrace_mulC -mulmxA [X in _ <= X]mxtrace_mulC.
by apply: trace_projection_le => //; rewrite -{1}(trmxK W); apply: psd_gram.
Qed.
