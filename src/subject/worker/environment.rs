//! The floating-point environment of this thread: what foreign code must leave as it was.
#![expect(unsafe_code, reason = "control registers are read with instructions of the processor")]

/// The control registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Environment {
    /// MXCSR or FPCR, without the flags that operations raise
    control: u64,
    /// the control word of the x87
    x87: u16,
}

#[cfg(target_arch = "x86_64")]
mod machine {
    use std::arch::asm;

    /// Rounding mode, masks and both kinds of flushing; the low six bits are flags.
    const CONTROL: u32 = 0xffc0;
    /// Bits of MXCSR with their meaning.
    pub const FLUSHING: [(u64, &str); 2] =
        [(1 << 15, "flush-to-zero of subnormal results"), (1 << 6, "subnormal inputs count as zero")];
    pub const ROUNDING_SHIFT: u32 = 13;
    pub const ROUNDING: [&str; 4] = ["to nearest", "down", "up", "toward zero"];

    pub fn read() -> (u64, u16) {
        let (mut mxcsr, mut x87) = (0u32, 0u16);
        // SAFETY: both instructions store a register to the memory given, of the right size
        unsafe {
            asm!("stmxcsr [{}]", in(reg) &raw mut mxcsr, options(nostack, preserves_flags));
            asm!("fnstcw word ptr [{}]", in(reg) &raw mut x87, options(nostack, preserves_flags));
        }
        (u64::from(mxcsr & CONTROL), x87)
    }

    pub fn write(control: u64, x87: u16) {
        let mxcsr = control as u32;
        // SAFETY: the values were read from the same registers, so they are valid; with them the flags are cleared, so
        // no exception is pending
        unsafe {
            asm!("ldmxcsr [{}]", in(reg) &raw const mxcsr, options(nostack, preserves_flags));
            asm!("fnclex", "fldcw word ptr [{}]", in(reg) &raw const x87, options(nostack));
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod machine {
    use std::arch::asm;

    pub const FLUSHING: [(u64, &str); 2] =
        [(1 << 24, "flush-to-zero of subnormals"), (1 << 19, "flush-to-zero of subnormals in half precision")];
    pub const ROUNDING_SHIFT: u32 = 22;
    pub const ROUNDING: [&str; 4] = ["to nearest", "up", "down", "toward zero"];

    pub fn read() -> (u64, u16) {
        let fpcr: u64;
        // SAFETY: reads a register that every program may read
        unsafe { asm!("mrs {}, fpcr", out(reg) fpcr, options(nomem, nostack, preserves_flags)) };
        (fpcr, 0)
    }

    pub fn write(control: u64, _: u16) {
        // SAFETY: the value was read from the same register
        unsafe { asm!("msr fpcr, {}", in(reg) control, options(nomem, nostack, preserves_flags)) };
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod machine {
    pub const FLUSHING: [(u64, &str); 0] = [];
    pub const ROUNDING_SHIFT: u32 = 0;
    pub const ROUNDING: [&str; 4] = [""; 4];

    pub const fn read() -> (u64, u16) {
        (0, 0)
    }

    pub const fn write(_: u64, _: u16) {}
}

impl Environment {
    /// As it is now.
    pub fn read() -> Self {
        let (control, x87) = machine::read();
        Self { control, x87 }
    }

    /// Makes it so again.
    pub fn restore(self) {
        machine::write(self.control, self.x87);
    }

    /// What is different now from what it was, in words.
    pub fn changes(self, now: Self) -> Vec<String> {
        let rounding = |e: Self| machine::ROUNDING[(e.control >> machine::ROUNDING_SHIFT & 3) as usize];
        let mut all = vec![];
        if rounding(self) != rounding(now) {
            all.push(format!("rounding {} instead of {}", rounding(now), rounding(self)));
        }
        let mut known = 3 << machine::ROUNDING_SHIFT;
        for (bit, what) in machine::FLUSHING {
            known |= bit;
            match (self.control & bit != 0, now.control & bit != 0) {
                (false, true) => all.push(what.to_owned()),
                (true, false) => all.push(format!("no {what}")),
                _ => {}
            }
        }
        if (self.control ^ now.control) & !known != 0 {
            all.push("other traps for arithmetic exceptions".to_owned());
        }
        if self.x87 != now.x87 {
            all.push(format!("x87 control word {:#06x} instead of {:#06x}", now.x87, self.x87));
        }
        all
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn changes_are_read_named_and_undone() {
        let before = Environment::read();
        assert_eq!(before.changes(before), Vec::<String>::new());
        let flushing = Environment { control: before.control | 1 << 15 | 3 << 13, x87: 0x027f };
        flushing.restore();
        let seen = Environment::read();
        before.restore();
        assert_eq!(seen, flushing);
        assert_eq!(Environment::read(), before);
        let words = before.changes(seen);
        assert_eq!(
            words[..2],
            ["rounding toward zero instead of to nearest", "flush-to-zero of subnormal results"],
            "{words:?}"
        );
        assert!(words[2].starts_with("x87 control word 0x027f"), "{words:?}");
    }
}
