//! Asks `write_elfcorehdr()` every question of the vectors: cargo test --offline
//!
//! ELFCOREHDR names the folder of the vectors; without it, it is `../..`.

use elfcorehdr_vectors::{write_elfcorehdr, Request};
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::{env, fs};

const EM_PPC64: u8 = 21;
const PT_NOTE: u8 = 4;

fn read(name: &str) -> Vec<u8> {
    let path = format!("{}/{name}", env::var("ELFCOREHDR").unwrap_or("../..".into()));
    fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn text(name: &str) -> String {
    String::from_utf8(read(name)).unwrap()
}

/// What differs first, in words.
fn difference(expected: &[u8], got: &[u8]) -> Option<String> {
    if expected == got {
        return None;
    }
    let at = match expected.iter().zip(got).position(|(a, b)| a != b) {
        Some(at) => at,
        None => {
            let (want, have) = (expected.len(), got.len());
            let (.., rules) = field_at("size", 0);
            return Some(format!("size: expected {want}, got {have} ({rules})"));
        }
    };
    let phnum = u16::from_le_bytes([expected[56], expected[57]]) as usize;
    let (part, prefix, base) = if at < 64 {
        ("ehdr", String::new(), 0)
    } else if at >= 64 + 56 * phnum {
        ("padding", String::new(), at)
    } else {
        let index = (at - 64) / 56;
        let notes = (0..phnum).filter(|i| expected[64 + 56 * i] == PT_NOTE).count();
        let part = match index {
            _ if index + 1 < notes => "crash_notes",
            _ if index + 1 == notes => "vmcoreinfo",
            _ if index == notes && expected[18] != EM_PPC64 => "kernel",
            _ => "ram",
        };
        (part, format!("phdr[{index}]."), 64 + 56 * index)
    };
    let (name, start, size, rules) = field_at(part, at - base);
    let start = base + start;
    let number = |bytes: &[u8]| {
        let end = bytes.len().min(start + size);
        bytes[start..end].iter().rev().fold(0u128, |value, &byte| value << 8 | byte as u128)
    };
    let (want, have) = (number(expected), number(got));
    Some(format!("{prefix}{name} at byte {start:#x}: expected {want:#x}, got {have:#x} ({rules})"))
}

/// The field that a byte of a part lies in: name, first byte in the part, size and rules.
fn field_at(part: &str, at: usize) -> (String, usize, usize, String) {
    for line in text("fields.txt").lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let (start, size): (usize, usize) = (words[2].parse().unwrap(), words[3].parse().unwrap());
        if words[0] == part && (start..start + size).contains(&at) {
            return (words[1].into(), start, size, words[4].into());
        }
    }
    panic!("fields.txt has no byte {at} of {part}")
}

#[test]
fn writer() {
    let index = text("index.txt");
    let mut wrong: HashMap<&str, String> = HashMap::new();
    let mut right = HashSet::new();
    for line in index.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let (profile, id, expect, input, expected, twin, rules) = match words[..] {
            [profile, id, _level, expect, input, expected, twin, rules] => {
                (profile, id, expect, input, expected, twin, rules)
            }
            _ => panic!("index.txt: {line}"),
        };
        if profile != "writer" {
            continue;
        }
        let got = write_elfcorehdr(&Request::parse(&text(input)));
        if let (Err(reason), "refuse" | "either") = (&got, expect) {
            // A macro that prints would be silent where the test passes.
            writeln!(io::stderr(), "{id}: refused, expected {expect}: {reason}").unwrap();
        }
        let said = match (got, expect) {
            // A refusal counts only if its valid twin passed; twins come first.
            (Err(_), "refuse") if wrong.contains_key(twin) => {
                Some(format!("refused, and its valid twin {twin} is wrong"))
            }
            (Err(_), "refuse" | "either") => None,
            (Err(reason), _) => Some(format!("refused a valid input: {reason}")),
            (Ok(_), "refuse") => Some(format!("accepted what it must refuse ({rules})")),
            (Ok(bytes), _) => difference(&read(expected), &bytes),
        };
        match said {
            Some(said) => drop(wrong.insert(id, said)),
            None => drop(right.insert(id)),
        }
    }
    assert!(right.len() + wrong.len() > 0, "no vectors of a writer");
    let mut lines: Vec<String> = wrong.iter().map(|(id, said)| format!("{id}: {said}")).collect();
    lines.sort();
    let (bad, all) = (wrong.len(), wrong.len() + right.len());
    assert!(wrong.is_empty(), "{bad} of {all} wrong\n{}", lines.join("\n"));
}

/// The known wrong answers are told from the right ones, at the byte that is named.
#[test]
fn harness() {
    for line in text("known-wrong.txt").lines() {
        let words: Vec<&str> = line.splitn(6, ' ').collect();
        let at: usize = words[4].parse().unwrap();
        let (wrong, right) = (read(words[2]), read(words[3]));
        assert!(difference(&right, &wrong).is_some(), "{line}");
        assert_eq!(right.iter().zip(&wrong).position(|(a, b)| a != b), Some(at), "{line}");
    }
}
