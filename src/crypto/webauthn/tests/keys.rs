//! Public keys (section 5.8.5), and the CBOR that they and all else come in.

use super::super::cbor::Map;
use super::super::cose::PublicKey;
use super::*;

/// A `COSE_Key`.
fn cose(numbers: &[(i32, i32)], bytes: &[(i32, &[u8])]) -> Vec<u8> {
    let count = u64::try_from(numbers.len() + bytes.len()).unwrap();
    cbor(|cbor| {
        cbor.map(count)?;
        for (label, number) in numbers {
            cbor.i32(*label)?.i32(*number)?;
        }
        for (label, bytes) in bytes {
            cbor.i32(*label)?.bytes(bytes)?;
        }
        cbor.ok()
    })
}

fn es256(numbers: [i32; 3], x: &[u8], y: &[u8]) -> Vec<u8> {
    let [kind, algorithm, curve] = numbers;
    cose(&[(1, kind), (3, algorithm), (-1, curve)], &[(-2, x), (-3, y)])
}

fn rsa(n: &[u8], e: &[u8]) -> Vec<u8> {
    cose(&[(1, 3), (3, -257)], &[(-1, n), (-2, e)])
}

fn parse(key: &[u8]) -> Result<(), Refused> {
    PublicKey::parse(key).map(|_key| ())
}

#[test]
fn keys_of_other_algorithms_are_refused() {
    let p = [1; 32];
    let other = "an algorithm that was not asked for";
    assert!(parse(&es256([2, -7, 1], &p, &p)).is_ok());
    for numbers in
        [[2, -7, 2], [2, -35, 2], [2, -36, 3], [2, -47, 8], [1, -7, 1], [2, -8, 6], [3, -7, 1]]
    {
        assert_eq!(why(parse(&es256(numbers, &p, &p))), other, "{numbers:?}");
    }
    let okp = |algorithm, curve, x: &[u8]| cose(&[(1, 1), (3, algorithm), (-1, curve)], &[(-2, x)]);
    assert!(parse(&okp(-8, 6, &p)).is_ok());
    for (algorithm, curve) in [(-8, 7), (-8, 4), (-19, 6), (-53, 7), (-7, 6)] {
        assert_eq!(why(parse(&okp(algorithm, curve, &p))), other);
    }
    for algorithm in [-37, -38, -258, -259, -65535] {
        let key = cose(&[(1, 3), (3, algorithm)], &[(-1, &[0xff; 256]), (-2, &[1, 0, 1])]);
        assert_eq!(why(parse(&key)), other);
    }
    let not_rsa = cose(&[(1, 2), (3, -257)], &[(-1, &[0xff; 256]), (-2, &[1, 0, 1])]);
    assert_eq!(why(parse(&not_rsa)), other);
    for missing in [
        cose(&[(3, -7), (-1, 1)], &[(-2, &p), (-3, &p)]),
        cose(&[(1, 2), (-1, 1)], &[]),
        cose(&[], &[]),
    ] {
        assert_eq!(why(parse(&missing)), other);
    }
}

#[test]
fn coordinates_have_32_bytes() {
    let point = "not a point of P-256";
    for (x, y) in [(31, 32), (32, 31), (33, 32), (32, 33), (0, 32), (31, 33)] {
        assert_eq!(why(parse(&es256([2, -7, 1], &vec![1; x], &vec![1; y]))), point);
    }
    // The compressed form: y is a bool.
    let compressed = cbor(|cbor| {
        cbor.map(5)?.u8(1)?.u8(2)?.u8(3)?.i8(-7)?.i8(-1)?.u8(1)?;
        cbor.i8(-2)?.bytes(&[1; 32])?.i8(-3)?.bool(true)?.ok()
    });
    assert_eq!(why(parse(&compressed)), point);
    for length in [0, 31, 33] {
        let key = cose(&[(1, 1), (3, -8), (-1, 6)], &[(-2, &vec![1; length])]);
        assert_eq!(why(parse(&key)), "not a point of Ed25519");
    }
}

#[test]
fn a_point_outside_the_curve_is_refused_at_registration() {
    let mut key = Authenticator::new();
    let mut made = attestation(&key.create(&creation()));
    assert!(register_by(&made).is_ok());
    *made.object.last_mut().unwrap() ^= 1;
    assert_eq!(why(register_by(&made)), "not a point of P-256");
}

#[test]
fn rsa_keys_have_2048_to_4096_bits_and_a_sane_exponent() {
    let modulus = |length: usize, top: u8, last: u8| {
        let mut n = vec![0x55; length];
        n[0] = top;
        n[length - 1] = last;
        n
    };
    let f4 = [1, 0, 1];
    for (length, top) in [(256, 0x80), (257, 1), (384, 0xff), (512, 0xff)] {
        assert!(parse(&rsa(&modulus(length, top, 1), &f4)).is_ok(), "{length}");
    }
    let refused = "an RSA key of a size or exponent that is not accepted";
    for (length, top, last) in
        [(128, 0xff, 1), (255, 0xff, 1), (256, 0x7f, 1), (257, 0, 1), (513, 1, 1), (256, 0xff, 2)]
    {
        assert_eq!(why(parse(&rsa(&modulus(length, top, last), &f4))), refused, "{length}");
    }
    assert_eq!(why(parse(&rsa(&[], &f4))), refused);
    let n = modulus(256, 0xff, 1);
    for e in [&[3][..], &[0xff, 0xff, 0xff, 0xff]] {
        assert!(parse(&rsa(&n, e)).is_ok(), "{e:?}");
    }
    for e in [&[][..], &[0], &[1], &[2], &[1, 0, 0], &[0, 1, 0, 1], &[1, 0, 0, 0, 1]] {
        assert_eq!(why(parse(&rsa(&n, e))), refused, "{e:?}");
    }
    assert_eq!(why(parse(&cose(&[(1, 3), (3, -257)], &[(-1, &n)]))), "an RSA key lacks a number");
}

#[test]
fn cbor_is_strict() {
    let nested = |depth: usize| [vec![0xa1, 0x00], vec![0x81; depth], vec![0]].concat();
    for right in
        [&b"\xa0"[..], b"\xa1\x18\x01\x00", b"\xa2\x01\xf6\x20\xfb\0\0\0\0\0\0\0\0", &nested(7)]
    {
        assert!(Map::whole(right).is_ok(), "{right:x?}");
    }
    for wrong in [
        &b"\xbf\xff"[..],                                // an indefinite map
        b"\xa1\x01\x9f\xff",                             // an indefinite array
        b"\xa1\x01\x5f\x41\x00\xff",                     // indefinite bytes
        b"\xa1\x01\x7f\x61a\xff",                        // an indefinite text
        b"\xa2\x01\x00\x01\x00",                         // a key twice
        b"\xa2\x01\x00\x18\x01\x00",                     // a key twice, in two forms
        b"\xa1\x61\xff\x00",                             // a text that is not UTF-8
        b"\xa1\xc1\x01\x00",                             // a tagged key
        b"\xa1\x01\xc1\x00",                             // a tagged value
        b"\xa1\x41\x01\x00",                             // a key of bytes
        b"\xa1\x01",                                     // no value
        b"\xa1\x01\xff",                                 // a break
        b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00", // a length far beyond the end
        b"\xa1\x01\x5b\xff\xff\xff\xff\xff\xff\xff\xff\x00",
        b"\xa1\x01\x1c",
        b"\x80",
        b"",
        &nested(8),
        &nested(100_000),
    ] {
        assert_eq!(why(Map::whole(wrong)), "not a map in strict CBOR", "{:x?}", wrong.get(..20));
    }
    assert_eq!(why(Map::whole(b"\xa0\x00")), "bytes after a map");
}
