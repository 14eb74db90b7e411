(** Dimension counts behind the bounds by architecture: staircases of tensor products for linear
    networks, products of forms for networks of even powers. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Geomcheck Require Import quadratic gram minors selection.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

(** The area of a union of rectangles [0, u) x [0, v), counted in cells. *)
Section Area.

Variables p q : nat.
Implicit Types (l : seq (nat * nat)).

Definition inside l (c : 'I_p * 'I_q) := has (fun r : nat * nat => (c.1 < r.1)%N && (c.2 < r.2)%N) l.

Definition cells l : {set 'I_p * 'I_q} := [set c | inside l c].

Definition reach l := (\max_(r <- l) r.1)%N.

Lemma count_below n u : (u <= n)%N -> #|[set i : 'I_n | (i < u)%N]| = u.
Proof. by move=> u_n; rewrite -sum1dep_card -(big_ord_widen n (fun=> 1%N) u_n) sum1_card card_ord. Qed.

Lemma count_between n a u : (u <= n)%N -> #|[set i : 'I_n | (a <= i < u)%N]| = (u - a)%N.
Proof.
move=> u_n; have [u_a|a_u] := leqP u a.
  move/eqP: (u_a) => ->; apply/eqP; rewrite cards_eq0; apply/eqP/setP => i; rewrite !inE.
  by apply/negP => /andP[a_i i_u]; have := leq_trans i_u u_a; rewrite ltnNge a_i.
have := count_below u_n; rewrite -(cardsID [set i : 'I_n | (i < a)%N]).
have -> : [set i : 'I_n | (i < u)%N] :&: [set i : 'I_n | (i < a)%N] = [set i : 'I_n | (i < a)%N].
  by apply/setP => i; rewrite !inE andbC; case: ltnP => // i_a; rewrite (ltn_trans i_a).
have -> : [set i : 'I_n | (i < u)%N] :\: [set i : 'I_n | (i < a)%N] = [set i : 'I_n | (a <= i < u)%N].
  by apply/setP => i; rewrite !inE -leqNgt.
by rewrite count_below ?(leq_trans (ltnW a_u)) // => /(canRL (addKn _)).
Qed.

(** One rectangle more, not higher than those before, adds its cells beyond their reach. *)
Theorem staircase_step l (u v : nat) : (u <= p)%N -> (v <= q)%N -> all (fun r => v <= r.2)%N l ->
  #|cells ((u, v) :: l)| = (#|cells l| + (u - reach l) * v)%N.
Proof.
move=> u_p v_q higher.
have low (c : 'I_p * 'I_q) : (c.2 < v)%N -> inside l c = (c.1 < reach l)%N.
  move=> c_v; rewrite /inside /reach; elim: l higher => [|r l IH] /=; first by rewrite big_nil.
  case/andP=> v_r higher; rewrite big_cons leq_max (leq_trans c_v v_r) andbT.
  by rewrite -IH.
rewrite -(cardsID (cells l)); congr (_ + _)%N.
  by apply: eq_card => c; rewrite !inE /= andbC; case: (inside l c); rewrite ?orbT.
rewrite -(count_between (reach l) u_p) -{2}(count_below v_q) -cardsX; apply: eq_card => c.
rewrite !inE /= orbC; case c_v: (c.2 < v)%N; last by rewrite !andbF orbF andNb.
by rewrite low // !andbT -leqNgt leqNgt; case: (c.1 < reach l)%N.
Qed.

(** Larger rectangles cover more. *)
Theorem staircase_monotone l l' :
  (forall r, r \in l -> exists2 r', r' \in l' & (r.1 <= r'.1)%N && (r.2 <= r'.2)%N) ->
  (#|cells l| <= #|cells l'|)%N.
Proof.
move=> larger; apply: subset_leq_card; apply/subsetP => c; rewrite !inE => /hasP[r r_l /andP[c_1 c_2]].
have [r' r'_l' /andP[r_1 r_2]] := larger r r_l; apply/hasP; exists r' => //.
by rewrite (leq_trans c_1 r_1) (leq_trans c_2 r_2).
Qed.

End Area.

Section Tensors.

Variables (F : fieldType) (p q : nat) (P : 'M[F]_p) (Q : 'M[F]_q).
Hypotheses (unitP : P \in unitmx) (unitQ : Q \in unitmx).

(** u (x) v, as a row. *)
Definition tensor (u : 'rV[F]_p) (v : 'rV[F]_q) : 'rV_(p * q) := mxvec (u^T *m v).

(** The products of basis vectors over a set T of pairs, as the rows of a matrix. *)
Definition products (T : {set 'I_p * 'I_q}) : 'M[F]_(#|T|, p * q) :=
  \matrix_k tensor (row (enum_val k).1 P) (row (enum_val k).2 Q).

Lemma tensor_delta i j : tensor (row i P) (row j Q) = mxvec (P^T *m delta_mx i j *m Q).
Proof.
rewrite /tensor; congr mxvec.
by rewrite -(mul_delta_mx (0 : 'I_1)) mulmxA -colE -mulmxA -rowE -tr_row.
Qed.

(** The rows of products T span what matrices supported on T give. *)
Lemma products_combined (T : {set 'I_p * 'I_q}) (x : 'rV_#|T|) :
  x *m products T =
  mxvec (P^T *m (\sum_k x 0 k *: delta_mx (enum_val k).1 (enum_val k).2) *m Q).
Proof.
rewrite mulmx_sumr mulmx_suml linear_sum /=; apply/rowP => c; rewrite mxE summxE.
apply: eq_bigr => k _; rewrite !mxE tensor_delta -scalemxAr -scalemxAl linearZ /=.
by rewrite [RHS]mxE.
Qed.

(** They are independent. *)
Theorem products_rank (T : {set 'I_p * 'I_q}) : \rank (products T) = #|T|.
Proof.
rewrite -mxrank_tr; apply: injective_rank => x zero.
have : x^T *m products T = 0 by rewrite -[LHS]trmxK trmx_mul trmxK zero trmx0.
rewrite products_combined -[RHS](linear0 (mxvec_linear _ _ _)) => /(can_inj mxvecK).
set C := \sum_k _ => /(congr1 (mulmx (invmx P^T))); rewrite mulmx0 -mulmxA mulKmx ?unitmx_tr //.
move/(congr1 (fun M => M *m invmx Q)); rewrite mul0mx mulmxK // => C0.
apply/colP => k; have := congr1 (fun M : 'M_(p, q) => M (enum_val k).1 (enum_val k).2) C0.
rewrite [in X in _ = X -> _]mxE summxE (bigD1 k) //= !mxE !eqxx mulr1 big1 ?addr0 // => l l_k.
rewrite !mxE -xpair_eqE -!surjective_pairing (inj_eq enum_val_inj) eq_sym (negPf l_k); exact: mulr0.
Qed.

(** A product u (x) v lies in their span as soon as u and v are combinations of basis vectors with
    all pairs in T. *)
Theorem products_member (T : {set 'I_p * 'I_q}) (x : 'rV_p) (y : 'rV_q) :
  (forall i j, x 0 i != 0 -> y 0 j != 0 -> (i, j) \in T) ->
  (tensor (x *m P) (y *m Q) <= products T)%MS.
Proof.
move=> support; pose z : 'rV_#|T| := \row_k (x 0 (enum_val k).1 * y 0 (enum_val k).2).
suff -> : tensor (x *m P) (y *m Q) = z *m products T by apply: submxMl.
rewrite products_combined /tensor trmx_mul; congr mxvec.
have -> : P^T *m x^T *m (y *m Q) = P^T *m (x^T *m y) *m Q by rewrite !mulmxA.
congr (_ *m _ *m _); apply/matrixP => i j; rewrite summxE !mxE big_ord1 !mxE.
have [T_ij|outside] := boolP ((i, j) \in T).
  rewrite (bigD1 (enum_rank_in T_ij (i, j))) //= big1 ?addr0 => [|k k_ij].
    by rewrite !mxE enum_rankK_in //= !eqxx mulr1.
  rewrite !mxE; case: eqP => //= iE; last by rewrite mulr0.
  case: eqP => //= jE; last by rewrite mulr0.
  case/negP: k_ij; apply/eqP/enum_val_inj; rewrite enum_rankK_in // iE jE.
  exact: surjective_pairing.
rewrite big1 => [|k _]; last first.
  rewrite !mxE; case: eqP => //= iE; last by rewrite mulr0.
  case: eqP => //= jE; last by rewrite mulr0.
  by case/negP: outside; rewrite iE jE -surjective_pairing enum_valP.
have [->|xi] := eqVneq (x 0 i) 0; first by rewrite mul0r.
have [->|yj] := eqVneq (y 0 j) 0; first by rewrite mulr0.
by case/negP: outside; apply: support.
Qed.

End Tensors.
