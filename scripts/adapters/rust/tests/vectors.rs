//! Asks `write_elfcorehdr()` every question of the vectors: cargo test --offline
//!
//! ELFCOREHDR names the folder of the vectors; without it, it is `../..`.

use elfcorehdr_vectors::{write_elfcorehdr, Request};
use std::collections::{HashMap, HashSet};
use std::{env, fs};

const EHDR: [(&str, usize, usize); 14] = [
    ("e_ident", 0, 16), ("e_type", 16, 2), ("e_machine", 18, 2), ("e_version", 20, 4),
    ("e_entry", 24, 8), ("e_phoff", 32, 8), ("e_shoff", 40, 8), ("e_flags", 48, 4),
    ("e_ehsize", 52, 2), ("e_phentsize", 54, 2), ("e_phnum", 56, 2), ("e_shentsize", 58, 2),
    ("e_shnum", 60, 2), ("e_shstrndx", 62, 2),
];
const PHDR: [(&str, usize, usize); 8] = [
    ("p_type", 0, 4), ("p_flags", 4, 4), ("p_offset", 8, 8), ("p_vaddr", 16, 8),
    ("p_paddr", 24, 8), ("p_filesz", 32, 8), ("p_memsz", 40, 8), ("p_align", 48, 8),
];
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
            return Some(format!("size: expected {want}, got {have} ({})", rules("size")));
        }
    };
    let phnum = u16::from_le_bytes([expected[56], expected[57]]) as usize;
    if at >= 64 + 56 * phnum {
        let (want, have) = (expected[at], got[at]);
        let rules = rules("padding");
        return Some(format!("padding at byte {at:#x}: expected {want:#x}, got {have:#x} ({rules})"));
    }
    let (part, prefix, base, fields) = if at < 64 {
        ("ehdr", String::new(), 0, &EHDR[..])
    } else {
        let index = (at - 64) / 56;
        let notes = (0..phnum).filter(|i| expected[64 + 56 * i] == PT_NOTE).count();
        let part = match index {
            _ if index + 1 < notes => "crash_notes",
            _ if index + 1 == notes => "vmcoreinfo",
            _ if index == notes && expected[18] != EM_PPC64 => "kernel",
            _ => "ram",
        };
        (part, format!("phdr[{index}]."), 64 + 56 * index, &PHDR[..])
    };
    let (name, start, size) = fields
        .iter()
        .map(|&(name, start, size)| (name, base + start, size))
        .find(|&(_, start, size)| at < start + size)?;
    let number = |bytes: &[u8]| {
        let end = bytes.len().min(start + size);
        bytes[start..end].iter().rev().fold(0u128, |value, &byte| value << 8 | byte as u128)
    };
    let (want, have) = (number(expected), number(got));
    let rules = rules(&format!("{part}.{name}"));
    Some(format!("{prefix}{name} at byte {start:#x}: expected {want:#x}, got {have:#x} ({rules})"))
}

/// The rules that governs.txt has for a field.
fn rules(field: &str) -> String {
    let governs = text("governs.txt");
    let lines = governs.lines().filter_map(|line| line.split_once(' '));
    let rules: Vec<&str> = lines.filter(|(name, _)| *name == field).map(|(_, rule)| rule).collect();
    rules.join(", ")
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
        let said = match (got, expect) {
            // Who refuses all refuses nothing rightly: valid twins come first.
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
