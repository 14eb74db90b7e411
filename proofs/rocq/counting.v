(** The number of surjections, by which expansions of a network to more units are counted. *)
From mathcomp Require Import all_ssreflect all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Definition image m r (f : {ffun 'I_m -> 'I_r}) : {set 'I_r} := [set f i | i : 'I_m].

(** How many functions from m to r elements reach every element. *)
Definition surjections r m := #|[set f : {ffun 'I_m -> 'I_r} | image f == setT]|.

Lemma functions_onto m r (A : {set 'I_r}) :
  #|[set f : {ffun 'I_m -> 'I_r} | image f == A]| = surjections #|A| m.
Proof.
pose lift (g : {ffun 'I_m -> 'I_#|A|}) : {ffun 'I_m -> 'I_r} := [ffun i => enum_val (g i)].
have lift_inj : injective lift.
  move=> g g' /ffunP same; apply/ffunP => i; apply: enum_val_inj.
  by have := same i; rewrite !ffunE.
rewrite /surjections -(card_imset _ lift_inj); apply: eq_card => f; rewrite !inE.
apply/eqP/imsetP => [onto|[g]].
  have inside i : f i \in A by rewrite -onto; apply: imset_f.
  exists [ffun i => enum_rank_in (inside i) (f i)]; last first.
    by apply/ffunP => i; rewrite !ffunE enum_rankK_in.
  rewrite inE; apply/eqP/setP => k; rewrite inE; apply/imsetP.
  have : enum_val k \in image f by rewrite onto enum_valP.
  by case/imsetP => i _ kE; exists i => //; apply: enum_val_inj; rewrite ffunE enum_rankK_in.
rewrite inE => /eqP onto ->; apply/setP => a; apply/imsetP/idP => [[i _ ->]|a_A].
  by rewrite ffunE enum_valP.
have : enum_rank_in a_A a \in image g by rewrite onto inE.
by case/imsetP => i _ iE; exists i => //; rewrite ffunE -iE enum_rankK_in.
Qed.

(** Every function is onto its image: r^m = sum_k C(r, k) G(k, m). *)
Lemma functions_by_image r m : (r ^ m = \sum_(k < r.+1) 'C(r, k) * surjections k m)%N.
Proof.
rewrite -[in LHS](card_ord r) -[in LHS](card_ord m) -card_ffun -sum1_card.
rewrite (partition_big (@image m r) predT) //=.
rewrite (eq_bigr (fun A : {set 'I_r} => surjections #|A| m)) => [|A _]; last first.
  by rewrite sum1dep_card functions_onto.
have bound (A : {set 'I_r}) : (#|A| < r.+1)%N by rewrite ltnS -[X in (_ <= X)%N]card_ord max_card.
rewrite (partition_big (fun A => Ordinal (bound A)) predT) //=; apply: eq_bigr => k _.
rewrite (eq_bigr (fun=> surjections k m)) => [|A /eqP <-] //.
rewrite sum_nat_const; congr (_ * _)%N; rewrite -[X in 'C(X, k)](card_ord r) -card_draws.
by apply: eq_card => A; rewrite !inE. 
Qed.

Lemma coefficient_binomial n k : (('X + 1) ^+ n : {poly int})`_k = ('C(n, k))%:R.
Proof.
rewrite addrC exprDn coef_sum; have [k_n|n_k] := ltnP k n.+1.
  rewrite (bigD1 (Ordinal k_n)) //= expr1n mul1r coefMn coefXn eqxx big1 ?addr0 // => i i_k.
  rewrite expr1n mul1r coefMn coefXn; case: eqP => [kE|]; last by rewrite mul0rn.
  by case/eqP: i_k; apply: val_inj; rewrite /= kE.
rewrite bin_small // big1 // => i _; rewrite expr1n mul1r coefMn coefXn.
by rewrite gtn_eqF ?mul0rn // (leq_trans (ltn_ord i)).
Qed.

(** sum_i (-1)^(r-i) C(r, i) C(i, k) is 1 for k = r and 0 for smaller k: coefficients of
    ((X + 1) - 1)^r. *)
Lemma inversion r k :
  \sum_(i < r.+1) (-1) ^+ (r - i) * ('C(r, i))%:R * ('C(i, k))%:R = (k == r)%:R :> int.
Proof.
have := congr1 (fun p : {poly int} => p`_k) (exprDn (-1 : {poly int}) ('X + 1) r).
rewrite addrCA addNr addr0 coefXn => ->; rewrite coef_sum; apply: eq_bigr => i _.
have -> : (-1 : {poly int}) ^+ (r - i) = ((-1) ^+ (r - i))%:P by rewrite polyC_exp polyCN.
by rewrite coefMn coefCM coefficient_binomial -[RHS]mulr_natr mulrAC.
Qed.

(** Inclusion and exclusion: G(r, m) = sum_i (-1)^(r-i) C(r, i) i^m. *)
Theorem surjections_formula r m :
  (surjections r m)%:R = \sum_(i < r.+1) (-1) ^+ (r - i) * ('C(r, i))%:R * (i%:R ^+ m) :> int.
Proof.
have widen (i : 'I_r.+1) :
    i%:R ^+ m = \sum_(k < r.+1) ('C(i, k))%:R * (surjections k m)%:R :> int.
  rewrite -natrX functions_by_image natr_sum.
  rewrite (big_ord_widen _ (fun k => ('C(i, k) * surjections k m)%:R) (ltn_ord i)) big_mkcond /=.
  apply: eq_bigr => k _; case: ifPn => [_|]; first by rewrite natrM.
  by rewrite -leqNgt => /bin_small ->; rewrite mul0r.
under [RHS]eq_bigr => i _ do rewrite widen mulr_sumr.
rewrite exchange_big /=.
under eq_bigr => k _ do under eq_bigr => i _ do rewrite mulrA.
under eq_bigr => k _ do rewrite -mulr_suml inversion.
rewrite (bigD1 ord_max) //= eqxx mul1r big1 ?addr0 // => k k_r.
have small : (k < r)%N by rewrite ltn_neqAle -[nat_of_ord k == r](inj_eq val_inj k ord_max) k_r -ltnS ltn_ord.
by rewrite ltn_eqF ?mul0r.
Qed.
