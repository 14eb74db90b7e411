(** The rules of the checker in its own words: index and nullity of D, rank and index of G^T D G. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Geomcheck Require Import quadratic gram rank_rules inertia.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Rules.

Variables (R : realFieldType) (m n : nat) (G : 'M[R]_(m, n)) (D : 'M[R]_m) (p : nat).
Hypothesis symD : symmetric D.
Hypothesis index0 : inertia D p 0.

(** gram-definite: index(D) == 0 and nullity(D) == 0 give rank(H_o) == rank(G). *)
Theorem rule_gram_definite : \rank (kermx D^T) = 0%N -> \rank (G^T *m D *m G) = \rank G.
Proof.
move=> nullity0; apply/gram_rank_definite/(index_pd symD index0); split=> //.
by rewrite -[RHS](rank_nullity D) nullity0 addn0.
Qed.

(** gram-semidefinite: index(D) == 0 gives rank(H_o) == rank(G) - dim(im(G) & ker(D)). *)
Theorem rule_gram_semidefinite :
  \rank (G^T *m D *m G) = (\rank G - \rank (G^T :&: kermx D^T)%MS)%N.
Proof. by apply: gram_rank_semidefinite => //; apply/(index_psd index0). Qed.

(** gram-semidefinite: index(D) == 0 gives index(H_o) == 0. *)
Theorem rule_gram_index p' q' : inertia (G^T *m D *m G) p' q' -> q' = 0%N.
Proof. by move=> inr; apply/(index_psd inr)/gram_semidefinite/(index_psd index0). Qed.

End Rules.

(** Block-diagonal D: positive (semi)definite blocks make a positive (semi)definite matrix. *)
Theorem blocks_psd (R : realFieldType) m n (A : 'M[R]_m) (B : 'M[R]_n) :
  psd A -> psd B -> psd (block_mx A 0 0 B).
Proof.
move=> psdA psdB x; rewrite -[x]vsubmxK /form /bilinear tr_col_mx.
rewrite mul_row_block !mulmx0 addr0 add0r mul_row_col mxE.
by rewrite addr_ge0 // ?psdA // psdB.
Qed.

Theorem blocks_pd (R : realFieldType) m n (A : 'M[R]_m) (B : 'M[R]_n) :
  pd A -> pd B -> pd (block_mx A 0 0 B).
Proof.
move=> pdA pdB x x0; rewrite -[x]vsubmxK /form /bilinear tr_col_mx.
rewrite mul_row_block !mulmx0 addr0 add0r mul_row_col mxE.
have [u0|u0] := eqVneq (usubmx x) 0; last first.
  by apply: lt_le_trans (pdA _ u0) _; apply: le_add_right; apply: pd_psd.
rewrite u0 mulmx0 mxE add0r; apply: pdB; apply: contra_neq x0 => w0.
by rewrite -[x]vsubmxK u0 w0 col_mx0.
Qed.
