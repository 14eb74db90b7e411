(** A layer of hidden units may be renumbered: the function stays the same, whatever the activation. *)
From mathcomp Require Import all_ssreflect all_fingroup all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Layer.

Variables (R : comRingType) (d h k : nat).

(** The hidden layer z = sigma (W x + b), each unit u with its own sigma u; then V z + c. *)
Definition hidden (sigma : 'I_h -> R -> R) (W : 'M[R]_(h, d)) (b : 'cV_h) (x : 'cV_d) : 'cV_h :=
  \col_u sigma u ((W *m x + b) u 0).

Definition network sigma (W : 'M[R]_(h, d)) b (V : 'M_(k, h)) (c : 'cV_k) (x : 'cV_d) : 'cV_k :=
  V *m hidden sigma W b x + c.

Lemma hidden_permuted (s : 'S_h) sigma W b x :
  hidden (sigma \o s) (row_perm s W) (row_perm s b) x = row_perm s (hidden sigma W b x).
Proof.
apply/matrixP => u j; rewrite !mxE /=; congr (sigma _ (_ + _)).
by apply: eq_bigr => i _; rewrite mxE.
Qed.

(** Unit u takes the incoming weights, the bias, the activation and the outgoing weights of unit s u. *)
Theorem network_permuted (s : 'S_h) sigma W b V c x :
  network (sigma \o s) (row_perm s W) (row_perm s b) (col_perm s V) c x = network sigma W b V c x.
Proof.
rewrite /network hidden_permuted; congr (_ + _); apply/matrixP => i j; rewrite !mxE.
by rewrite [RHS](reindex_inj (@perm_inj _ s)); apply: eq_bigr => u _; rewrite !mxE.
Qed.

(** With one activation sigma for the whole layer only the weights and biases move. *)
Theorem one_hidden_layer_permuted (s : 'S_h) (sigma : R -> R) W b V c x :
  network (fun=> sigma) (row_perm s W) (row_perm s b) (col_perm s V) c x =
  network (fun=> sigma) W b V c x.
Proof. exact: (network_permuted s (fun=> sigma)). Qed.

(** Inside a deeper network: what comes before feeds x, what comes after sees only V z + c. *)
Theorem deep_network_permuted (X Y : Type) (before : X -> 'cV[R]_d) (after : 'cV[R]_k -> Y)
    (s : 'S_h) sigma W b V c x :
  after (network (sigma \o s) (row_perm s W) (row_perm s b) (col_perm s V) c (before x)) =
  after (network sigma W b V c (before x)).
Proof. by rewrite network_permuted. Qed.

End Layer.
