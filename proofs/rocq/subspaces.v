(** Dimensions of subspaces of column vectors. A subspace S is the row space of a matrix whose rows
    are the transposed vectors: im A is the row space of A^T, ker A the row space of kermx A^T. *)
From mathcomp Require Import all_ssreflect all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Dimensions.

Variable F : fieldType.

Theorem dim_image m n (A : 'M[F]_(m, n)) (y : 'cV_m) :
  ((exists x, y = A *m x) <-> (y^T <= A^T)%MS) /\ \rank A^T = \rank A.
Proof.
split; last exact: mxrank_tr.
split=> [[x ->]|/submxP[u yE]]; first by rewrite trmx_mul submxMl.
by exists u^T; apply: trmx_inj; rewrite trmx_mul trmxK.
Qed.

Theorem dim_ambient k n (S : 'M[F]_(k, n)) : (\rank S <= n)%N.
Proof. exact: rank_leq_col. Qed.

Theorem dim_intersection k l n (S : 'M[F]_(k, n)) (T : 'M_(l, n)) :
  (\rank (S :&: T)%MS <= \rank S)%N /\ (\rank (S :&: T)%MS <= \rank T)%N.
Proof. by split; apply: mxrankS; [apply: capmxSl | apply: capmxSr]. Qed.

Theorem dim_modular k l n (S : 'M[F]_(k, n)) (T : 'M_(l, n)) :
  (\rank (S + T)%MS + \rank (S :&: T)%MS)%N = (\rank S + \rank T)%N.
Proof. exact: mxrank_sum_cap. Qed.

(** Every subspace that a claim can name has the form X . ker C = { X w | C w = 0 }. *)
Definition span n w c (X : 'M[F]_(n, w)) (C : 'M[F]_(c, w)) := kermx C^T *m X^T.

Definition member n w c (X : 'M[F]_(n, w)) (C : 'M[F]_(c, w)) (x : 'cV_n) :=
  exists2 v : 'cV_w, C *m v = 0 & x = X *m v.

Theorem span_member n w c (X : 'M[F]_(n, w)) (C : 'M_(c, w)) (x : 'cV_n) :
  member X C x <-> (x^T <= span X C)%MS.
Proof.
split=> [[v zero ->]|/submxP[u xE]].
  have /submxP[u vE] : (v^T <= kermx C^T)%MS by apply/sub_kermxP; rewrite -trmx_mul zero trmx0.
  by rewrite trmx_mul vE -mulmxA submxMl.
exists (u *m kermx C^T)^T; last by apply: trmx_inj; rewrite trmx_mul trmxK -mulmxA.
by apply: trmx_inj; rewrite trmx_mul trmxK -mulmxA mulmx_ker mulmx0 trmx0.
Qed.

(** dim (X . ker C) = rank [C; X] - rank C, both ranks being of plain matrices. *)
Theorem span_dimension n w c (X : 'M[F]_(n, w)) (C : 'M_(c, w)) :
  (\rank (span X C) + \rank C)%N = \rank (col_mx C X).
Proof.
have := mxrank_mul_ker (kermx C^T) X^T; rewrite -/(span X C).
have -> : \rank (kermx C^T :&: kermx X^T)%MS = \rank (kermx (col_mx C X)^T).
  apply/eqP; rewrite tr_col_mx eqn_leq; apply/andP; split; apply: mxrankS.
    apply/sub_kermxP; rewrite mul_mx_row; set K := (_ :&: _)%MS.
    have /sub_kermxP -> : (K <= kermx C^T)%MS by apply: capmxSl.
    have /sub_kermxP -> : (K <= kermx X^T)%MS by apply: capmxSr.
    by rewrite row_mx0.
  have := mulmx_ker (row_mx C^T X^T); rewrite mul_mx_row => /eqP.
  by rewrite row_mx_eq0 sub_capmx -!sub_kermx.
rewrite !mxrank_ker !mxrank_tr => total; apply/eqP.
have le : (\rank (col_mx C X) <= w)%N by apply: rank_leq_col.
have le' : (\rank C <= w)%N by apply: rank_leq_col.
rewrite -(eqn_add2r (w - \rank (col_mx C X))) subnKC // addnAC total.
by rewrite subnK.
Qed.

(** ker M = I . ker M and im M = M . ker 0. *)
Theorem span_kernel m n (M : 'M[F]_(m, n)) (x : 'cV_n) : member 1%:M M x <-> M *m x = 0.
Proof. by split=> [[v zero ->]|zero]; [rewrite mul1mx | exists x; rewrite ?mul1mx]. Qed.

Theorem span_image m n c (M : 'M[F]_(m, n)) (y : 'cV_m) :
  member M (0 : 'M_(c, n)) y <-> exists x, y = M *m x.
Proof. by split=> [[v _ ->]|[x ->]]; [exists v | exists x; rewrite ?mul0mx]. Qed.

Section Two.

Variables (n w c w' c' : nat) (X : 'M[F]_(n, w)) (C : 'M[F]_(c, w)).
Variables (Y : 'M[F]_(n, w')) (D : 'M[F]_(c', w')).

Lemma blocks_zero (a : 'cV_w) (b : 'cV_w') :
  block_mx C 0 0 D *m col_mx a b = 0 <-> C *m a = 0 /\ D *m b = 0.
Proof.
rewrite mul_block_col !mul0mx addr0 add0r; split=> [/eqP|[-> ->]]; last exact: col_mx0.
by rewrite col_mx_eq0 => /andP[/eqP -> /eqP ->].
Qed.

(** The sum is [X Y] . ker [C 0; 0 D]. *)
Theorem span_sum (x : 'cV_n) :
  member (row_mx X Y) (block_mx C 0 0 D) x <->
  exists y z, [/\ member X C y, member Y D z & x = y + z].
Proof.
split=> [[v]|[y [z [[a Ca ->] [b Db ->] ->]]]]; last first.
  by exists (col_mx a b); [apply/blocks_zero | rewrite mul_row_col].
rewrite -[v]vsubmxK => /blocks_zero[Ca Db] ->; rewrite mul_row_col.
by exists (X *m usubmx v), (Y *m dsubmx v); split=> //; [exists (usubmx v) | exists (dsubmx v)].
Qed.

(** The intersection is [X 0] . ker [C 0; 0 D; X -Y]. *)
Theorem span_intersection (x : 'cV_n) :
  member (row_mx X 0) (col_mx (block_mx C 0 0 D) (row_mx X (- Y))) x <->
  member X C x /\ member Y D x.
Proof.
split=> [[v]|[[a Ca xE] [b Db xE']]]; last first.
  exists (col_mx a b); last by rewrite mul_row_col mul0mx addr0.
  rewrite mul_col_mx (proj2 (blocks_zero a b)) // mul_row_col mulNmx -xE -xE' subrr.
  exact: col_mx0.
rewrite mul_col_mx => /eqP; rewrite col_mx_eq0 => /andP[/eqP].
rewrite -[v]vsubmxK => /blocks_zero[Ca Db] /eqP; rewrite !mul_row_col mul0mx addr0 mulNmx.
move/subr0_eq => same ->; split; first by exists (usubmx v).
by exists (dsubmx v).
Qed.

End Two.

End Dimensions.
