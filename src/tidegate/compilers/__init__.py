"""The model to Envoy's resources: a pure function.

Reading order: `world` (the whole), `listeners` (ports and what is served on them), `tables` (their routes, and what of
them need not be made again), `hosts` (which routes a Host header sees), `routes` (one route), `programs` (its
policies), `clusters` (where it ends).
"""

from tidegate.compilers.hosts import HostRoutes, host_routes
from tidegate.compilers.world import CompiledResources, WorldMemory, compile_world

__all__ = ["CompiledResources", "HostRoutes", "WorldMemory", "compile_world", "host_routes"]
