//! An elfcorehdr writer, written from the rules. Keep `Request::parse()` and
//! put a call of your own code in the place of `write_elfcorehdr()`.

/// A request, from the wording as lines.
#[derive(Default)]
pub struct Request {
    pub arch: String,
    pub e_machine: u64,
    pub page_size: u64,
    pub nr_possible: u64,
    /// Address and size of the note of each CPU.
    pub notes: Vec<(u64, u64)>,
    pub vmcoreinfo: (u64, u64),
    /// Physical and virtual address, size.
    pub kernel: Option<(u64, u64, u64)>,
    pub va_add: bool,
    pub page_offset: u64,
    pub phys_offset: u64,
    pub backup: Option<u64>,
    /// First and last byte of each range.
    pub ranges: Vec<(u64, u64)>,
}

impl Request {
    /// Reads `key value …` lines. What it does not know it leaves out.
    pub fn parse(text: &str) -> Request {
        let mut request = Request::default();
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let n = |i: usize| match words[i].strip_prefix("0x") {
                Some(hex) => u64::from_str_radix(hex, 16).unwrap(),
                None => words[i].parse().unwrap(),
            };
            match words[0] {
                "arch" => request.arch = words[1].to_string(),
                "e_machine" => request.e_machine = n(1),
                "page_size" => request.page_size = n(1),
                "nr_possible" => request.nr_possible = n(1),
                "note" => request.notes.push((n(2), n(3))),
                "vmcoreinfo" => request.vmcoreinfo = (n(1), n(2)),
                "kernel" => request.kernel = Some((n(1), n(2), n(3))),
                "va" => {
                    request.va_add = words[1] == "add";
                    request.page_offset = n(2);
                    request.phys_offset = n(3);
                }
                "backup" => request.backup = Some(n(1)),
                "range" => request.ranges.push((n(1), n(2))),
                _ => {}
            }
        }
        request
    }
}

/// The whole header, or why the input must be refused.
pub fn write_elfcorehdr(request: &Request) -> Result<Vec<u8>, String> {
    check(request)?;
    let mut phdrs = Vec::new();
    for &(paddr, size) in &request.notes {
        phdrs.push(phdr(4, 0, paddr, 0, size));
    }
    phdrs.push(phdr(4, 0, request.vmcoreinfo.0, 0, request.vmcoreinfo.1));
    if let Some((paddr, vaddr, size)) = request.kernel {
        phdrs.push(phdr(1, 7, paddr, vaddr, size));
    }
    for &(start, end) in &request.ranges {
        let linear = start.wrapping_sub(request.phys_offset);
        let vaddr = if request.va_add {
            linear.wrapping_add(request.page_offset)
        } else {
            linear | request.page_offset
        };
        phdrs.push(phdr(1, 7, start, vaddr, end.wrapping_sub(start).wrapping_add(1)));
    }
    // R36, R40: the first program header at physical address 0, whatever it is
    if let Some(backup) = request.backup {
        if let Some(first) = phdrs.iter_mut().find(|each| each[24..32] == [0; 8]) {
            first[8..16].copy_from_slice(&backup.to_le_bytes());
        }
    }
    // R28 to R30: a slot for each possible CPU, vmcoreinfo, the kernel, each range
    let slots = request.nr_possible as usize + 2 + request.ranges.len();
    let mut out = vec![0; (64 + 56 * slots + 4095) / 4096 * 4096];
    out[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    out[16] = 4; // ET_CORE
    out[18..20].copy_from_slice(&(request.e_machine as u16).to_le_bytes());
    out[20] = 1; // e_version
    out[32] = 64; // e_phoff
    out[52] = 64; // e_ehsize
    out[54] = 56; // e_phentsize
    out[56..58].copy_from_slice(&(phdrs.len() as u16).to_le_bytes());
    for (i, each) in phdrs.iter().enumerate() {
        out[64 + 56 * i..][..56].copy_from_slice(each);
    }
    Ok(out)
}

fn phdr(p_type: u32, p_flags: u32, paddr: u64, vaddr: u64, size: u64) -> [u8; 56] {
    let mut out = [0; 56];
    out[..4].copy_from_slice(&p_type.to_le_bytes());
    out[4..8].copy_from_slice(&p_flags.to_le_bytes());
    // p_offset, p_vaddr, p_paddr, p_filesz, p_memsz; p_align stays 0
    for (i, value) in [paddr, vaddr, paddr, size, size].iter().enumerate() {
        out[8 + 8 * i..16 + 8 * i].copy_from_slice(&value.to_le_bytes());
    }
    out
}

/// Rules R38 and R44.
fn check(request: &Request) -> Result<(), String> {
    let refuse = |why: &str| Err(why.to_string());
    let ppc = request.arch == "ppc64le";
    let pages: &[u64] = match request.arch.as_str() {
        "arm64" | "loongarch64" => &[4096, 16384, 65536],
        "ppc64le" => &[4096, 65536],
        _ => &[4096],
    };
    let count = request.notes.len() + 1 + request.kernel.iter().count() + request.ranges.len();
    if count > 0xffff {
        return refuse("too many program headers");
    }
    if request.nr_possible == 0 || request.notes.len() as u64 > request.nr_possible {
        return refuse("more notes than possible CPUs, or no CPU at all");
    }
    if !pages.contains(&request.page_size) {
        return refuse("a page size that the architecture does not have");
    }
    if request.kernel.is_some() == ppc || request.backup.is_some() != ppc {
        return refuse("a part that the architecture does not have, or lacks");
    }
    if let Some((_, vaddr, size)) = request.kernel {
        if size.wrapping_sub(1) > u64::MAX - vaddr {
            return refuse("a kernel that ends before it starts");
        }
    }
    // R70: what a block that goes leaves comes last, and may end below its start
    let looked = request.ranges.len().saturating_sub(ppc as usize);
    if request.ranges[..looked].iter().any(|&(start, end)| end < start) {
        return refuse("a range that ends before it starts");
    }
    Ok(())
}
