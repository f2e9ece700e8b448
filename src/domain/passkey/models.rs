//! Well-known authenticators, by the AAGUID that they report. Facts from the community list
//! <https://github.com/passkeydeveloper/passkey-authenticator-aaguids>.

const KNOWN: [(u128, &str); 8] = [
    (0xfbfc_3007_154e_4ecc_8c0b_6e02_0557_d7bd, "iCloud Keychain"),
    (0xea9b_8d66_4d01_1d21_3ce4_b6b4_8cb5_75d4, "Google Password Manager"),
    (0x0898_7058_cadc_4b81_b6e1_30de_50dc_be96, "Windows Hello"),
    (0x9ddd_1817_af5a_4672_a2b9_3e3d_d950_00a9, "Windows Hello"),
    (0x6028_b017_b1d4_4c02_b4b3_afcd_afc9_6bb2, "Windows Hello"),
    (0xadce_0002_35bc_c60a_648b_0b25_f1f0_5503, "Chrome on Mac"),
    (0xbada_5566_a7aa_401f_bd96_4561_9a55_120d, "1Password"),
    (0xd548_826e_79b4_db40_a3d8_1111_6f7e_8349, "Bitwarden"),
];

/// The name of the authenticator with this AAGUID, if it is well known.
pub(super) fn name(aaguid: [u8; 16]) -> Option<&'static str> {
    let aaguid = u128::from_be_bytes(aaguid);
    KNOWN.iter().find(|(known, _)| *known == aaguid).map(|(_, name)| *name)
}
