"""placeholder"""
class ExponentialField: pass
class RationalFunction: pass
