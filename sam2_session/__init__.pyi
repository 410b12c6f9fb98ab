from sam2_session.client.workspaces import Client as Client
from sam2_session.client.workspaces import Studio as Studio

__version__: str
