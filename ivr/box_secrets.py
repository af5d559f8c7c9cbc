"""What a carrier and an operator would hand out, made once for the box and kept in one file.

The simulator and the service read the same file, so both sides of the wire know the same token, also after a restart.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, kw_only=True)
class BoxSecrets:
    """In the shapes Twilio uses (`AC`, `SK`, `AP` and 32 hex digits), so nothing behind the wire can tell."""

    secret_key: str
    account_sid: str
    auth_token: str
    api_key: str
    api_secret: str
    app_sid: str

    @classmethod
    def fresh(cls) -> Self:
        return cls(
            secret_key=secrets.token_urlsafe(48),
            account_sid="AC" + secrets.token_hex(16),
            auth_token=secrets.token_hex(16),
            api_key="SK" + secrets.token_hex(16),
            api_secret=secrets.token_urlsafe(24),
            app_sid="AP" + secrets.token_hex(16),
        )

    @classmethod
    def kept_in(cls, data_dir: Path) -> Self:
        """Those of `<data_dir>/secrets.json`; made, readable by the owner alone, if there is no such file.

        Several processes may start at once: the first to link its file wins, the others read that one.
        Raises OSError when the folder cannot be written and ValueError when the file is not ours.
        """
        path = data_dir / "secrets.json"
        if not path.exists():
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, draft = tempfile.mkstemp(dir=data_dir, prefix=".secrets-")  # mkstemp: mode 0600
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(asdict(cls.fresh()), file, indent=1)
                path.hardlink_to(draft)
            except FileExistsError:
                pass
            finally:
                Path(draft).unlink()
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (TypeError, ValueError) as err:
            raise ValueError(
                f"{path} is damaged; delete it and new secrets are made (everybody signs in again)"
            ) from err
