(** Inertia of a symmetric matrix over an ordered field: M has inertia (p, q) when V^T M V is diagonal
    with p positive and q negative entries for some invertible V. Then q is the index of M. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Geomcheck Require Import quadratic gram rank_rules selection dominance.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Inertia.

Variable R : realFieldType.

Definition positives n (d : 'rV[R]_n) := #|[pred i | 0 < d 0 i]|.
Definition negatives n (d : 'rV[R]_n) := #|[pred i | d 0 i < 0]|.

Definition inertia n (M : 'M[R]_n) p q := exists V d,
  [/\ V \in unitmx, V^T *m M *m V = diag_mx d, p = positives d & q = negatives d].

(** A k-dimensional subspace, the column space of T, on which M is positive definite. *)
Definition positive_dim n (M : 'M[R]_n) k := exists T : 'M[R]_(n, k),
  \rank T = k /\ forall x : 'cV_k, T *m x != 0 -> 0 < form M (T *m x).

Definition negative_dim n (M : 'M[R]_n) k := positive_dim (- M) k.

Lemma positives_opp n (d : 'rV[R]_n) : positives (- d) = negatives d.
Proof. by apply: eq_card => i; rewrite !inE mxE oppr_gt0. Qed.

Lemma diag_opp n (d : 'rV[R]_n) : diag_mx (- d) = - diag_mx d.
Proof. by apply/matrixP => i j; rewrite !mxE mulNrn. Qed.

Lemma inertia_opp n (M : 'M[R]_n) p q : inertia M p q -> inertia (- M) q p.
Proof.
move=> [V [d [unit eq -> ->]]]; exists V, (- d); split=> //.
- by rewrite mulmxN mulNmx eq diag_opp.
- by rewrite positives_opp.
by rewrite -positives_opp opprK.
Qed.

Lemma form_diag n (d : 'rV[R]_n) (x : 'cV_n) : form (diag_mx d) x = \sum_i d 0 i * x i 0 ^+ 2.
Proof.
rewrite formE; apply: eq_bigr => i _; rewrite (bigD1 i) //= big1 => [|j j_i].
  by rewrite addr0 !mxE eqxx mulr1n expr2 mulrAC mulrC mulrA.
by rewrite !mxE eq_sym (negPf j_i) mulr0n mulr0 mul0r.
Qed.

(** ** Existence: every symmetric matrix is congruent to a diagonal one (Lagrange). *)

Lemma nonzero_form n (M : 'M[R]_n) : symmetric M -> M != 0 -> exists x : 'cV_n, form M x != 0.
Proof.
move=> symM /matrix0Pn[i [j Mij]].
have entry k l : bilinear M (delta_mx k 0) (delta_mx l 0) = M k l.
  by rewrite /bilinear trmx_delta -rowE -colE !mxE.
have [Mii|Mii] := eqVneq (M i i) 0; last by exists (delta_mx i 0); rewrite /form entry.
have [Mjj|Mjj] := eqVneq (M j j) 0; last by exists (delta_mx j 0); rewrite /form entry.
exists (delta_mx i 0 + 1 *: delta_mx j 0); rewrite form_line // /form !entry Mii Mjj.
by rewrite add0r mulr0 addr0 mul1r mulrn_eq0.
Qed.

(** A nonzero vector is the first column of an invertible matrix. *)
Lemma first_column n (x : 'cV[R]_n.+1) : x != 0 ->
  exists2 U : 'M[R]_n.+1, U \in unitmx & U *m delta_mx 0 0 = x.
Proof.
move=> x0; pose e : 'rV[R]_n.+1 := delta_mx 0 0.
have e0 : e *m (delta_mx 0 0 *m x^T : 'M_n.+1) = x^T.
  by rewrite mulmxA mul_delta_mx; apply/matrixP => i j; rewrite (ord1 i) mxE big_ord1 !mxE mul1r.
have [|g unitg] := @complete_unitmx _ _ _ e (delta_mx 0 0 *m x^T).
  by rewrite e0 mxrank_tr mxrank_delta; apply/eqP; rewrite eqn_leq rank_leq_col lt0n mxrank_eq0.
rewrite e0 => xE; exists g^T; first by rewrite unitmx_tr.
by apply: trmx_inj; rewrite trmx_mul trmxK trmx_delta.
Qed.

Lemma form_corner n (N : 'M[R]_(1 + n)) : form N (delta_mx 0 0) = ulsubmx N 0 0.
Proof.
rewrite /form /bilinear trmx_delta -rowE -colE !mxE; congr (N _ _); exact: val_inj.
Qed.

(** The first row and column are cleared by the pivot. *)
Lemma clear_corner n (N : 'M[R]_(1 + n)) : symmetric N -> ulsubmx N 0 0 != 0 ->
  exists L C, [/\ L \in unitmx, symmetric C & L^T *m N *m L = block_mx (ulsubmx N) 0 0 C].
Proof.
move=> symN pivot; set a := ulsubmx N 0 0 in pivot; pose b := ursubmx N.
have NE : N = block_mx a%:M b b^T (drsubmx N).
  by rewrite -[LHS]submxK -[dlsubmx N]trmxK trmx_dlsub symN [ulsubmx N]mx11_scalar.
exists (block_mx 1%:M (- a^-1 *: b) 0 1%:M), (drsubmx N - a^-1 *: (b^T *m b)); split.
- by rewrite unitmxE det_ublock !det1 mulr1 unitr1.
- rewrite /symmetric linearB /= linearZ /= trmx_mul trmxK; congr (_ - _).
  by rewrite trmx_drsub symN.
rewrite [in LHS]NE tr_block_mx !trmx1 trmx0 !mulmx_block linearZ /=.
rewrite !mul1mx !mulmx1 !mul0mx !mulmx0 !addr0 [ulsubmx N]mx11_scalar -/a.
rewrite !(mul_scalar_mx, mul_mx_scalar).
have -> : (- a^-1 *: b)^T = - a^-1 *: b^T by apply/matrixP => i j; rewrite !mxE.
rewrite !scalerA mulNr mulVf // mulrN mulfV // !scaleN1r !addNr mul0mx add0r.
by rewrite -scalemxAl scaleNr addrC.
Qed.

Theorem congruent_diagonal n (M : 'M[R]_n) : symmetric M ->
  exists V d, V \in unitmx /\ V^T *m M *m V = diag_mx d.
Proof.
elim: n M => [|n IH] M symM.
  by exists 1%:M, 0; split; [apply: unitmx1 | rewrite [LHS]flatmx0 [RHS]flatmx0].
have [->|M0] := eqVneq M 0.
  exists 1%:M, 0; split; first exact: unitmx1.
  by rewrite mulmx0 mul0mx; apply/matrixP => i j; rewrite !mxE mul0rn.
have [x xM] := nonzero_form symM M0.
have [|U unitU Ux] := @first_column _ x; first by apply: contra_neq xM => ->; rewrite form0.
have symN : @symmetric _ (1 + n) (U^T *m M *m U).
  by rewrite /symmetric !trmx_mul trmxK symM mulmxA.
have [|L [C [unitL symC LE]]] := clear_corner symN.
  by rewrite -form_corner form_congruence Ux.
have [V [d [unitV VE]]] := IH _ symC.
pose V' : 'M[R]_(1 + n) := block_mx 1%:M 0 0 V.
have unitV' : V' \in unitmx by rewrite unitmxE det_ublock det1 mul1r -unitmxE.
exists (U *m L *m V'), (row_mx (const_mx (form M x) : 'rV_1) d); split.
  by rewrite !unitmx_mul unitU unitL unitV'.
have -> : (U *m L *m V')^T *m M *m (U *m L *m V') = V'^T *m (L^T *m (U^T *m M *m U) *m L) *m V'.
  by rewrite !trmx_mul !mulmxA.
rewrite LE tr_block_mx !mulmx_block !trmx0 !trmx1.
rewrite !(mul1mx, mulmx1, mul0mx, mulmx0, addr0, add0r) VE.
have -> : ulsubmx (U^T *m M *m U : 'M_(1 + n)) = diag_mx (const_mx (form M x) : 'rV_1).
  rewrite [LHS]mx11_scalar -form_corner form_congruence Ux.
  by apply/matrixP => i j; rewrite !ord1 !mxE.
exact: (esym (@diag_mx_row _ n 1 (const_mx (form M x)) d)).
Qed.

Theorem inertia_exists n (M : 'M[R]_n) : symmetric M -> exists p q, inertia M p q.
Proof.
move/congruent_diagonal=> [V [d [unit eq]]].
by exists (positives d), (negatives d), V, d.
Qed.

(** ** Uniqueness (Sylvester), and the index as the largest dimension of a negative subspace. *)

Lemma definite_dim n (M : 'M[R]_n) k (T : 'M_(n, k)) :
  (forall u : 'cV_k, u != 0 -> 0 < form M (T *m u)) -> positive_dim M k.
Proof.
move=> definite; exists T; split=> [|u]; last first.
  by move=> Tu; apply: definite; apply: contra_neq Tu => ->; rewrite mulmx0.
apply: injective_rank => u zero; apply/eqP; apply: contraT => /definite.
by rewrite zero form0 ltxx.
Qed.

Lemma positive_dim_form n (M : 'M[R]_n) k : positive_dim M k ->
  exists T : 'M_(n, k), forall u : 'cV_k, u != 0 -> 0 < form M (T *m u).
Proof.
move=> [T [full definite]]; exists T => u u0; apply: definite.
apply: contra_neq u0 => zero; apply: trmx_inj; rewrite trmx0.
have free : row_free T^T by rewrite /row_free mxrank_tr full.
by apply: (row_free_inj free); rewrite mul0mx -trmx_mul zero trmx0.
Qed.

(** The columns of V with a positive entry of d span a positive subspace. *)
Lemma inertia_positive n (M : 'M[R]_n) p q : inertia M p q -> positive_dim M p.
Proof.
move=> [V [d [unit eq -> _]]]; pose P := [pred i | 0 < d 0 i].
apply: (@definite_dim _ _ _ (V *m sel R P)) => u u0.
rewrite -mulmxA -form_congruence eq form_diag; have /cV0Pn[k uk] := u0.
have nonneg i : 0 <= d 0 i * (sel R P *m u) i 0 ^+ 2.
  have [Pi|Pi] := boolP (P i); first by rewrite mulr_ge0 ?sqr_ge0 // ltW.
  by rewrite sel_out // expr0n mulr0.
have pos : 0 < d 0 (enum_val k) * (sel R P *m u) (enum_val k) 0 ^+ 2.
  rewrite sel_in; apply: mulr_gt0; first exact: (enum_valP k).
  by rewrite lt_def sqrf_eq0 uk sqr_ge0.
rewrite (bigD1 (enum_val k)) //=; apply: lt_le_trans pos _; apply: le_add_right.
by apply: sumr_ge0 => i _; apply: nonneg.
Qed.

(** No positive subspace is larger: it meets the span of the other columns of V in 0 only. *)
Lemma inertia_positive_max n (M : 'M[R]_n) p q k : inertia M p q -> positive_dim M k -> (k <= p)%N.
Proof.
move=> [V [d [unit eq -> _]]] /positive_dim_form[T definite].
pose P := [pred i | 0 < d 0 i]; pose S := V *m sel R [predC P].
have nonpos w : form M (S *m w) <= 0.
  rewrite -mulmxA -form_congruence eq form_diag -oppr_ge0 -sumrN; apply: sumr_ge0 => i _.
  rewrite -mulNr; have [Pi|Pi] := boolP (P i); last by rewrite mulr_ge0 ?sqr_ge0 // oppr_ge0 leNgt.
  by rewrite sel_out ?expr0n ?mulr0 //= negbK.
have inj (v : 'cV_(k + #|[predC P]|)) : row_mx T S *m v = 0 -> v = 0.
  rewrite -[v]vsubmxK mul_row_col; set u := usubmx v; set w := dsubmx v.
  move/eqP; rewrite addr_eq0 => /eqP uw.
  have same : form M (T *m u) = form M (S *m w).
    by rewrite uw form_neg.
  have u0 : u = 0.
    by apply/eqP; apply: contraT => /definite; rewrite same ltNge nonpos.
  rewrite u0 mulmx0 in uw; have /eqP := esym uw; rewrite oppr_eq0 -mulmxA => /eqP Sw.
  have /sel_eq0 -> : sel R [predC P] *m w = 0 by rewrite -[_ *m w](mulKmx unit) Sw mulmx0.
  by rewrite u0 col_mx0.
have : (k + #|[predC P]| <= n)%N by rewrite -[leqLHS](injective_rank inj) rank_leq_row.
by rewrite -[leqRHS]card_ord -(cardC P) leq_add2r.
Qed.

Lemma inertia_negative n (M : 'M[R]_n) p q : inertia M p q -> negative_dim M q.
Proof. by move/inertia_opp; apply: inertia_positive. Qed.

Lemma inertia_negative_max n (M : 'M[R]_n) p q k : inertia M p q -> negative_dim M k -> (k <= q)%N.
Proof. by move/inertia_opp; apply: inertia_positive_max. Qed.

(** Courant-Fischer: p and q are the largest dimensions of a positive and of a negative subspace. *)
Theorem inertia_largest n (M : 'M[R]_n) p q : inertia M p q ->
  (forall k, positive_dim M k -> (k <= p)%N) /\ (forall k, negative_dim M k -> (k <= q)%N)
  /\ positive_dim M p /\ negative_dim M q.
Proof.
move=> inr; split; first by move=> k; apply: inertia_positive_max inr.
split; first by move=> k; apply: inertia_negative_max inr.
by split; [apply: inertia_positive inr | apply: inertia_negative inr].
Qed.

(** Sylvester's law of inertia. *)
Theorem inertia_unique n (M : 'M[R]_n) p q p' q' :
  inertia M p q -> inertia M p' q' -> p = p' /\ q = q'.
Proof.
move=> one other; split; apply/eqP; rewrite eqn_leq.
  by rewrite (inertia_positive_max other (inertia_positive one))
    (inertia_positive_max one (inertia_positive other)).
by rewrite (inertia_negative_max other (inertia_negative one))
  (inertia_negative_max one (inertia_negative other)).
Qed.

Theorem inertia_congruence n (M U : 'M[R]_n) p q :
  U \in unitmx -> inertia M p q <-> inertia (U^T *m M *m U) p q.
Proof.
move=> unitU; split=> [[V [d [unit eq pE qE]]]|[V [d [unit eq pE qE]]]].
  exists (invmx U *m V), d; split=> //; first by rewrite unitmx_mul unitmx_inv unitU.
  by rewrite trmx_mul trmx_inv !mulmxA mulmxKV ?unitmx_tr // mulmxK.
exists (U *m V), d; split=> //; first by rewrite unitmx_mul unitU.
by rewrite -eq trmx_mul !mulmxA.
Qed.

(** ** Inertia and rank, definiteness, eigenvalues. *)

Theorem inertia_rank n (M : 'M[R]_n) p q : inertia M p q -> (p + q)%N = \rank M.
Proof.
move=> [V [d [unit eq -> ->]]]; rewrite -(rank_congruence M unit) eq rank_diagonal.
rewrite -(cardID [pred i | 0 < d 0 i] [pred i | d 0 i != 0]); congr (_ + _)%N; apply: eq_card => i.
  by rewrite !inE andbC; case: ltrgt0P.
by rewrite !inE; case: ltrgt0P.
Qed.

(** index <= rank. *)
Theorem index_le_rank n (M : 'M[R]_n) p q : inertia M p q -> (q <= \rank M)%N.
Proof. by move/inertia_rank => <-; apply: leq_addl. Qed.

(** M is nonnegative where q linear forms vanish. *)
Lemma nonnegative_off n (M : 'M[R]_n) p q : inertia M p q ->
  exists C : 'M_(q, n), forall x : 'cV_n, C *m x = 0 -> 0 <= form M x.
Proof.
move=> [V [d [unit eq _ ->]]]; pose P := [pred i | d 0 i < 0].
exists ((sel R P)^T *m invmx V) => x; rewrite -mulmxA; set y := invmx V *m x => zero.
have -> : x = V *m y by rewrite mulKVmx.
rewrite -form_congruence eq form_diag; apply: sumr_ge0 => i _.
have [Pi|Pi] := boolP (P i); last by rewrite mulr_ge0 ?sqr_ge0 // leNgt.
suff -> : y i 0 = 0 by rewrite expr0n mulr0.
have /matrixP/(_ (enum_rank_in Pi i) 0) := zero; rewrite mxE [RHS]mxE (bigD1 i) //= big1 => [|j j_i].
  by rewrite !mxE enum_rankK_in // eqxx mul1r addr0.
by rewrite !mxE enum_rankK_in // (negPf j_i) mul0r.
Qed.

(** index (M + N) <= index M + index N. *)
Theorem index_sum n (M N : 'M[R]_n) p q p' q' p'' q'' :
  inertia M p q -> inertia N p' q' -> inertia (M + N) p'' q'' -> (q'' <= q + q')%N.
Proof.
move=> /nonnegative_off[C nonnegM] /nonnegative_off[C' nonnegN].
move=> /inertia_negative/positive_dim_form[T definite].
have inj (u : 'cV_q'') : col_mx C C' *m T *m u = 0 -> u = 0.
  rewrite -mulmxA mul_col_mx => /eqP; rewrite col_mx_eq0 => /andP[/eqP zero /eqP zero'].
  apply/eqP; apply: contraT => /definite; rewrite form_opp oppr_gt0 ltNge.
  have -> x : form (M + N) x = form M x + form N x by rewrite /form /bilinear mulmxDr mulmxDl mxE.
  by rewrite addr_ge0 ?nonnegM ?nonnegN.
by rewrite -[leqLHS](injective_rank inj) rank_leq_row.
Qed.

(** index M + index (- M) = rank M. *)
Theorem index_opposite n (M : 'M[R]_n) p q p' q' :
  inertia M p q -> inertia (- M) p' q' -> (q + q')%N = \rank M.
Proof.
move=> one other; rewrite -(inertia_rank one) addnC.
by have [_ ->] := inertia_unique (inertia_opp one) other.
Qed.

(** A form that is nonnegative where c linear forms vanish has index at most c. *)
Theorem index_off n c (M : 'M[R]_n) (C : 'M_(c, n)) p q :
  (forall x : 'cV_n, C *m x = 0 -> 0 <= form M x) -> inertia M p q -> (q <= c)%N.
Proof.
move=> nonneg /inertia_negative/positive_dim_form[T definite].
have inj (u : 'cV_q) : C *m T *m u = 0 -> u = 0.
  rewrite -mulmxA => zero; apply/eqP; apply: contraT => /definite.
  by rewrite form_opp oppr_gt0 ltNge nonneg.
by rewrite -[leqLHS](injective_rank inj) rank_leq_row.
Qed.

(** Where N exceeds M, as M + c I does, its eigenvalues that are not positive are at most index M: n - p' <= q. *)
Theorem index_shift n (M N : 'M[R]_n) p q p' q' :
  (forall x : 'cV_n, x != 0 -> form M x < form N x) -> inertia M p q -> inertia N p' q' -> (n <= q + p')%N.
Proof.
move=> above /nonnegative_off[C nonneg] /inertia_opp/nonnegative_off[C' nonpos].
have inj (x : 'cV_n) : col_mx C C' *m x = 0 -> x = 0.
  rewrite mul_col_mx => /eqP; rewrite col_mx_eq0 => /andP[/eqP zero /eqP zero'].
  apply/eqP; apply: contraT => /above; rewrite ltNge.
  by have := nonpos x zero'; rewrite form_opp oppr_ge0 => low; rewrite (le_trans low (nonneg x zero)).
by rewrite -[leqLHS](injective_rank inj) rank_leq_row.
Qed.

(** index = 0 says positive semidefinite. *)
Theorem index_psd n (M : 'M[R]_n) p q : inertia M p q -> q = 0%N <-> psd M.
Proof.
move=> inr; split=> [q0 x|semidefinite].
  rewrite leNgt; apply/negP => negative.
  suff : negative_dim M 1 by move/(inertia_negative_max inr); rewrite q0.
  apply: (@definite_dim _ _ _ x) => u u0; rewrite form_opp oppr_gt0 [u]mx11_scalar.
  have [c0|c0] := eqVneq (u 0 0) 0.
    by rewrite [u]mx11_scalar c0 raddf0 eqxx in u0.
  by rewrite mul_mx_scalar form_scale pmulr_rlt0 // lt_def sqr_ge0 sqrf_eq0 c0.
have [T [full definite]] := inertia_negative inr; rewrite -full.
apply/eqP; rewrite mxrank_eq0; apply: contraT => /matrix0Pn[i [j Tij]].
have := definite (delta_mx j 0); rewrite form_opp oppr_gt0 ltNge semidefinite.
rewrite -colE => neg; apply: neg; apply: contra_neq Tij => zero.
by have := congr1 (fun y : 'cV_n => y i 0) zero; rewrite !mxE.
Qed.

(** index = 0 and full rank say positive definite. *)
Theorem index_pd n (M : 'M[R]_n) p q : symmetric M -> inertia M p q ->
  (q = 0%N /\ \rank M = n) <-> pd M.
Proof.
move=> symM inr; split=> [[q0 full] x x0|definite]; last first.
  split; first by apply/(index_psd inr)/pd_psd.
  by apply: injective_rank => x zero; apply/eqP; apply: contraT => /definite;
    rewrite /form /bilinear -mulmxA zero mulmx0 mxE ltxx.
have semidefinite := (index_psd inr).1 q0; rewrite lt_def semidefinite andbT.
apply: contra_neq x0 => /(psd_isotropic symM semidefinite) zero; apply: trmx_inj; rewrite trmx0.
have free : row_free M^T by rewrite /row_free mxrank_tr full.
by apply: (row_free_inj free); rewrite mul0mx -trmx_mul zero trmx0.
Qed.

(** With an orthogonal basis of eigenvectors the index is the number of negative eigenvalues. *)
Theorem index_eigenvalues n (M V : 'M[R]_n) (eigenvalues : 'rV_n) :
  V^T *m V = 1%:M -> (forall i, M *m col i V = eigenvalues 0 i *: col i V) ->
  inertia M (positives eigenvalues) (negatives eigenvalues).
Proof.
move=> orthogonal eigen; exists V, eigenvalues; split=> //.
  by have [] := mulmx1_unit orthogonal.
suff MV : M *m V = V *m diag_mx eigenvalues by rewrite -mulmxA MV mulmxA orthogonal mul1mx.
apply/matrixP=> i j; rewrite mul_mx_diag mxE mulrC.
have := congr1 (fun y : 'cV_n => y i 0) (eigen j); rewrite /= !mxE => <-.
by apply: eq_bigr => k _; rewrite mxE.
Qed.

(** ** What a program checks: B^T M B strictly diagonally dominant, B having s columns. *)
Section Dominant.

Variables (n s : nat) (M : 'M[R]_n) (B : 'M[R]_(n, s)).
Hypotheses (symM : symmetric M) (dom : dominant (B^T *m M *m B)).

Let N := B^T *m M *m B.
Let a := #|[pred i | 0 < N i i]|.
Let b := #|[pred i | N i i < 0]|.

Let symN : symmetric N.
Proof. by rewrite /symmetric /N !trmx_mul trmxK symM mulmxA. Qed.

Lemma dominant_count : (a + b)%N = s.
Proof.
rewrite -[RHS]card_ord -(cardC [pred i | 0 < N i i]); congr (_ + _)%N.
apply: eq_card => i; rewrite !inE -leNgt [RHS]le_eqVlt; case: eqP => [zero|//].
have := dom i; rewrite -/N zero normr0; set w := \sum_(j | _) _ => negative.
by have : 0 <= w; [apply: sumr_ge0 | rewrite leNgt negative].
Qed.

Theorem dominant_positive_dim : positive_dim M a.
Proof.
apply: (@definite_dim _ _ _ (B *m sel R [pred i | 0 < N i i])) => u u0.
rewrite -mulmxA -form_congruence; apply: dominant_positive symN dom _ _ _.
  by move=> i outside; apply: sel_out.
by apply: contra_neq u0; apply: sel_eq0.
Qed.

End Dominant.

Theorem dominant_negative_dim n s (M : 'M[R]_n) (B : 'M[R]_(n, s)) :
  symmetric M -> dominant (B^T *m M *m B) ->
  negative_dim M #|[pred i | (B^T *m M *m B) i i < 0]|.
Proof.
move=> symM dom; have symN : symmetric (- M) by rewrite /symmetric linearN /= symM.
have NE : B^T *m (- M) *m B = - (B^T *m M *m B) by rewrite mulmxN mulNmx.
have := @dominant_positive_dim n s (- M) B symN; rewrite NE => claim.
have -> : #|[pred i | (B^T *m M *m B) i i < 0]| = #|[pred i | 0 < (- (B^T *m M *m B)) i i]|.
  by apply: eq_card => i; rewrite !inE [X in _ = (0 < X)]mxE oppr_gt0.
apply: claim => i; rewrite mxE normrN; apply: le_lt_trans (dom i).
by rewrite le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => j _; rewrite mxE normrN.
Qed.

(** The bounds: a positive and b negative diagonal entries and rank M <= r give rank M >= s and
    b <= index M <= b + (r - s). *)
Theorem dominant_inertia n s (M : 'M[R]_n) (B : 'M[R]_(n, s)) p q r :
  symmetric M -> dominant (B^T *m M *m B) -> inertia M p q -> (\rank M <= r)%N ->
  let b := #|[pred i | (B^T *m M *m B) i i < 0]| in
  [/\ (s <= \rank M)%N, (b <= q)%N & (q <= b + (r - s))%N].
Proof.
move=> symM dom inr high b; have total := dominant_count dom.
have low := inertia_positive_max inr (dominant_positive_dim symM dom).
have low' := inertia_negative_max inr (dominant_negative_dim symM dom).
have pq := inertia_rank inr; have s_le : (s <= \rank M)%N by rewrite -pq -total leq_add.
split=> //; rewrite -/b in low' total; set a := #|_| in low total.
rewrite -(leq_add2l a) addnA total subnKC; last exact: leq_trans s_le high.
by apply: leq_trans high; rewrite -pq leq_add2r.
Qed.

End Inertia.
