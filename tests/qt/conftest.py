from studio_fixtures import open_studio, project, studio

__all__ = ["open_studio", "project", "studio"]
