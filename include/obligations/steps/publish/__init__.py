"""Takes an approved version to its place: the 发布包 folder, a site's drop folder, a site's platform. Approves nothing."""

from obligations.steps.publish.package import publish
from obligations.steps.publish.parcel import Delivered, Parcel, read_parcel
from obligations.steps.publish.sftp import RemoteFolders, upload
from obligations.steps.publish.site_api import SiteApi, post

__all__ = ["Delivered", "Parcel", "RemoteFolders", "SiteApi", "post", "publish", "read_parcel", "upload"]
