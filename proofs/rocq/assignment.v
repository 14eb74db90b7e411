(** The greatest value of an assignment, by a dual certificate, as for the greatest overlap of two
    points over all renumberings of hidden units; and how many renumberings there are. *)
From mathcomp Require Import all_ssreflect all_fingroup all_algebra.
From Geomcheck Require Import quadratic.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Assignment.

Variables (R : realFieldType) (n : nat) (c : 'M[R]_n) (u v : 'I_n -> R).

(** Prices u of rows and v of columns that cover every entry. *)
Hypothesis covers : forall i j, c i j <= u i + v j.

(** No permutation collects more than all prices. *)
Theorem assignment_bound (s : 'S_n) : \sum_i c i (s i) <= \sum_i u i + \sum_j v j.
Proof.
rewrite [X in _ <= _ + X](reindex_inj (@perm_inj _ s)) -big_split /=.
by apply: ler_sum => i _; apply: covers.
Qed.

(** A permutation along which every entry is covered exactly is a best one. *)
Theorem assignment_best (s : 'S_n) : (forall i, c i (s i) = u i + v (s i)) ->
  forall s' : 'S_n, \sum_i c i (s' i) <= \sum_i c i (s i).
Proof.
move=> exact_s s'; apply: le_trans (assignment_bound s') _.
rewrite [X in _ + X](reindex_inj (@perm_inj _ s)) -big_split /=.
by rewrite (eq_bigr (fun i => c i (s i))) // => i _; rewrite exact_s.
Qed.

(** Birkhoff's polytope: the bound holds for every doubly stochastic matrix. *)
Theorem assignment_relaxed (p : 'M[R]_n) : (forall i j, 0 <= p i j) ->
  (forall i, \sum_j p i j = 1) -> (forall j, \sum_i p i j = 1) ->
  \sum_i \sum_j p i j * c i j <= \sum_i u i + \sum_j v j.
Proof.
move=> p_ge0 rows columns.
have -> : \sum_i u i = \sum_i \sum_j p i j * u i.
  by apply: eq_bigr => i _; rewrite -mulr_suml rows mul1r.
have -> : \sum_j v j = \sum_i \sum_j p i j * v j.
  by rewrite exchange_big; apply: eq_bigr => j _; rewrite -mulr_suml columns mul1r.
rewrite -big_split /=; apply: ler_sum => i _; rewrite -big_split /=; apply: ler_sum => j _.
by rewrite -mulrDr; apply/le_mul_left/covers/p_ge0.
Qed.

End Assignment.

Local Open Scope group_scope.

Section Orbit.

(** Unit u of the permuted layer is the unit s u; units are compared by their class. *)
Variables (h : nat) (C : finType).
Implicit Types (f : {ffun 'I_h -> C}) (s : 'S_h).

Definition arranged f s : {ffun 'I_h -> C} := [ffun i => f (s i)].

Definition fixing f : {set 'S_h} := [set s | arranged f s == f].

Definition moved f s := arranged f s^-1.

Lemma moved_one f : moved f 1 = f.
Proof. by apply/ffunP => i; rewrite ffunE invg1 perm1. Qed.

Lemma moved_mul f s t : moved f (s * t) = moved (moved f s) t.
Proof. by apply/ffunP => i; rewrite !ffunE invMg permM. Qed.

(** orbit-stabiliser: the number of different arrangements times the number of permutations that
    change nothing is h!. *)
Theorem arrangements f : (#|[set arranged f s | s : 'S_h]| * #|fixing f|)%N = h`!.
Proof.
rewrite -[RHS]card_Sn -cardsT -(card_orbit_stab (TotalAction moved_one moved_mul) [set: 'S_h]%G f); congr (_ * _)%N.
  apply: eq_card => g; apply/imsetP/imsetP => [] [s _ ->]; exists s^-1 => //=.
    by rewrite inE.
  by rewrite /moved invgK.
rewrite -[LHS](card_imset _ (@invg_inj _)); apply: eq_card => s.
rewrite !inE sub1set inE /= /moved; apply/imsetP/idP => [[t]|fixed].
  by rewrite inE => fixed ->; rewrite invgK.
by exists s^-1; rewrite ?invgK ?inE.
Qed.

(** The units of class c. *)
Definition fibre f c : {set 'I_h} := [set i | f i == c].

Lemma fibre_fixed f s c i : s \in fixing f -> (s i \in fibre f c) = (i \in fibre f c).
Proof. by rewrite !inE => /eqP/ffunP/(_ i); rewrite ffunE => ->. Qed.

(** What changes nothing and moves units of the classes cs only. *)
Definition fixing_on f (cs : seq C) : {set 'S_h} := [set s in fixing f | [forall i, (f i \notin cs) ==> (s i == i)]].

Lemma fixing_step f c cs : c \notin cs -> #|fixing_on f (c :: cs)| = (#|fibre f c|`! * #|fixing_on f cs|)%N.
Proof.
move=> fresh; have out u i : perm_on (fibre f c) u -> f i != c -> u i = i.
  by move=> on i_c; apply: out_perm on _; rewrite inE.
have still v i : v \in fixing_on f cs -> f i = c -> v i = i.
  by rewrite inE => /andP[_ /forallP/(_ i)/implyP still] ic; apply/eqP/still; rewrite ic.
have same u i : perm_on (fibre f c) u -> f (u i) = f i.
  move=> on; have [i_c|i_c] := eqVneq (f i) c; last by rewrite out.
  by have := perm_closed i on; rewrite !inE i_c eqxx => /eqP.
have keeps v i : v \in fixing_on f cs -> f (v i) = f i.
  by rewrite !inE => /andP[/eqP/ffunP/(_ i)]; rewrite ffunE.
pose P := [set u | perm_on (fibre f c) u].
have -> : fixing_on f (c :: cs) = [set (u.1 * u.2)%g | u in setX P (fixing_on f cs)].
  apply/setP => s; apply/idP/imsetP => [s_in|[[u v]]]; last first.
    rewrite inE /= inE => /andP[on v_in] ->; rewrite !inE; apply/andP; split.
      by apply/eqP/ffunP => i; rewrite ffunE permM keeps // same.
    apply/forallP => i; rewrite inE negb_or; apply/implyP => /andP[i_c i_cs].
    rewrite permM (out u) //; move: v_in; rewrite inE => /andP[_ /forallP/(_ i)/implyP]; exact.
  move: (s_in); rewrite inE => /andP[fixed /forallP moved_on].
  pose u := restr_perm (fibre f c) s; have on : perm_on (fibre f c) u by apply: restr_perm_on.
  have acts : s \in 'N(fibre f c | 'P).
    by apply/astabsP => i; rewrite /= /aperm fibre_fixed.
  exists (u, u^-1 * s)%g; last by rewrite /= mulKVg.
  have onV : perm_on (fibre f c) u^-1 by rewrite perm_onV.
  rewrite inE /= inE on inE /=; apply/andP; split.
    move: fixed; rewrite !inE => /eqP/ffunP fixed; apply/eqP/ffunP => i.
    by have := fixed (u^-1 i)%g; rewrite !ffunE permM (same u^-1)%g.
  apply/forallP => i; apply/implyP => i_cs; rewrite permM.
  have [i_c|i_c] := eqVneq (f i) c; last first.
    by rewrite (out u^-1)%g //; have := moved_on i; rewrite inE negb_or i_c i_cs.
  have inside : (u^-1 i)%g \in fibre f c by rewrite inE (same u^-1)%g // i_c.
  by rewrite -(restr_permE acts inside) -/u permKV.
rewrite card_in_imset ?cardsX => [|[u v] [u' v']]; first by rewrite cardsE card_perm.
rewrite !in_setX /= => /andP[on v_in] /andP[on' v_in'] prods; rewrite inE in on; rewrite inE in on'.
have u_eq : u = u'.
  apply/permP => i; have [i_c|i_c] := eqVneq (f i) c; last by rewrite !out.
  have u_c : f (u i) = c by rewrite same.
  have u'_c : f (u' i) = c by rewrite same.
  have : v (u i) = v' (u' i) by rewrite -!permM prods.
  by rewrite (still v (u i)) // (still v' (u' i)).
by rewrite u_eq in prods *; rewrite (mulgI _ _ _ prods).
Qed.

(** Equal units may be exchanged and no others: the stabiliser has prod_c n_c! elements, n_c units
    being of class c. *)
Theorem fixing_count f : #|fixing f| = (\prod_(c : C) #|fibre f c|`!)%N.
Proof.
have general cs : uniq cs -> #|fixing_on f cs| = (\prod_(c <- cs) #|fibre f c|`!)%N.
  elim: cs => [_|c cs IH /= /andP[fresh /IH rest]]; last by rewrite fixing_step // big_cons rest.
  rewrite big_nil -(cards1 (1 : 'S_h)%g); apply: eq_card => s; rewrite !inE; apply/andP/eqP => [[_ /forallP all1]|->].
    by apply/permP => i; rewrite perm1; apply/eqP; have := all1 i.
  split; first by apply/eqP/ffunP => i; rewrite ffunE perm1.
  by apply/forallP => i; rewrite perm1 eqxx implybT.
rewrite -(general (index_enum C)) ?index_enum_uniq //; apply: eq_card => s.
symmetry; rewrite [LHS]inE; apply/andP/idP => [[]//|fixed].
by split=> //; apply/forallP => i; rewrite mem_index_enum.
Qed.

(** So there are h! / prod_c n_c! different arrangements. *)
Theorem arrangements_count f :
  (#|[set arranged f s | s : 'S_h]| * \prod_(c : C) #|fibre f c|`!)%N = h`!.
Proof. by rewrite -fixing_count arrangements. Qed.

(** Units that all differ have h! arrangements. *)
Theorem arrangements_distinct f : injective f -> #|[set arranged f s | s : 'S_h]| = h`!.
Proof.
move=> inj; rewrite -(arrangements f); have -> : fixing f = [set 1%g]; last by rewrite cards1 muln1.
apply/setP => s; rewrite !inE; apply/eqP/eqP => [/ffunP same|->]; last first.
  by apply/ffunP => i; rewrite ffunE perm1.
by apply/permP => i; rewrite perm1; apply: inj; have := same i; rewrite ffunE.
Qed.

End Orbit.
