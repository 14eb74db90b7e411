"""Every tactic, in the order in which a reader would try them. Adding one is one file and one entry here."""

from typing import Final

from geomcheck.prove.knowledge import AbstractRule
from geomcheck.prove.tactics.affine import AffineModel
from geomcheck.prove.tactics.affine_block import AffineBlock
from geomcheck.prove.tactics.apolarity import Apolarity
from geomcheck.prove.tactics.at_point import AtPoint, LeastAtPoint
from geomcheck.prove.tactics.decomposition import Decomposition
from geomcheck.prove.tactics.dimension import Dimension
from geomcheck.prove.tactics.equal_matrices import EqualMatrices
from geomcheck.prove.tactics.features import Features
from geomcheck.prove.tactics.first_order import RULES as FIRST_ORDER
from geomcheck.prove.tactics.first_order import ZeroRankByArithmetic
from geomcheck.prove.tactics.generic_rank import (
    Ambient,
    GenericLower,
    GenericUpper,
    KernelFields,
    Normalised,
    Semicontinuity,
)
from geomcheck.prove.tactics.gram import GramDefinite, GramSemidefinite
from geomcheck.prove.tactics.inclusion import Inclusion
from geomcheck.prove.tactics.inertia import HessianInertia, Inertia, NoneNegative, Semidefinite, SymmetricEntries
from geomcheck.prove.tactics.least_value import LeastValue
from geomcheck.prove.tactics.linear_network import LinearNetwork
from geomcheck.prove.tactics.no_bad_minima import ConvexMinimum, LinearMinima, NoNegativeEigenvalue, StrictSaddles
from geomcheck.prove.tactics.output_definite import OutputDefinite, OutputHessian
from geomcheck.prove.tactics.perfect_fit import ResidualVanishes
from geomcheck.prove.tactics.permutation import PermutationInvariance
from geomcheck.prove.tactics.point_sets import MinimumIsSemidefinite, PointSets, Stationary
from geomcheck.prove.tactics.polynomial_kernel_fields import PolynomialFields
from geomcheck.prove.tactics.rank_rules import (
    ProductRank,
    RankNullity,
    ShapeBounds,
    SumRank,
    Symmetric,
    TransposeRank,
    ZeroRank,
)
from geomcheck.prove.tactics.scaling import Scaling
from geomcheck.prove.tactics.segment import Segments
from geomcheck.prove.tactics.trace import Trace
from geomcheck.prove.tactics.weight_decay import WeightDecay

RULES: Final[tuple[AbstractRule, ...]] = (
    Decomposition(),
    WeightDecay(),
    AffineBlock(),
    ResidualVanishes(),
    AffineModel(),
    EqualMatrices(),
    OutputDefinite(),
    OutputHessian(),
    GramDefinite(),
    GramSemidefinite(),
    MinimumIsSemidefinite(),
    Stationary(),
    PointSets(),
    ConvexMinimum(),
    LinearMinima(),
    NoNegativeEigenvalue(),
    StrictSaddles(),
    *FIRST_ORDER,
    LeastValue(),
    RankNullity(),
    ProductRank(),
    ZeroRankByArithmetic(),
    ZeroRank(),
    SumRank(),
    TransposeRank(),
    Symmetric(),
    Dimension(),
    Inclusion(),
    Trace(),
    Inertia(),
    HessianInertia(),
    NoneNegative(),
    Semidefinite(),
    SymmetricEntries(),
    Features(),
    Scaling(),
    ShapeBounds(),
    Ambient(),
    Normalised(),
    LinearNetwork(),
    Apolarity(),
    GenericLower(),
    GenericUpper(),
    KernelFields(),
    PolynomialFields(),
    Semicontinuity(),
    PermutationInvariance(),
    Segments(),
    AtPoint(),
    LeastAtPoint(),
)
