//! Loops compiled once for each instruction set, one of which is chosen at run time.
//!
//! A loop is a struct of its arguments. A [`PlainLoop`] is safe code that the compiler vectorises; a [`Kernel`] names its vector
//! registers, generic over [`Lanes`]. [`Lanes::run`] compiles it for one instruction set as a function of its own, so that the
//! accumulators of its loop stay in registers. Every function that a loop calls must be `#[inline(always)]`. Closures are not:
//! one that stood for a plain loop would be compiled without the instruction set, and its fused multiply-adds would become
//! library calls. So arrays of registers are filled in loops too.
//!
//! The compiler contracts and reorders nothing, so a plain loop gives the same bits with every instruction set.

#![allow(unsafe_code)]

use std::sync::OnceLock;

/// An instruction set that this processor has. Only [`InstructionSet::available`] makes one, after detection, so a safe function
/// that takes one may run kernels compiled for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct InstructionSet(Isa);

/// The instruction sets with kernels.
#[derive(Debug, Clone, Copy)]
enum Isa {
    /// AVX-512 F, DQ and VL: 16 lanes, 32 registers.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// AVX2 and FMA: 8 lanes, 16 registers.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl InstructionSet {
    /// The instruction sets of this processor that have kernels, the best first.
    pub(super) fn available() -> &'static [Self] {
        static AVAILABLE: OnceLock<Vec<InstructionSet>> = OnceLock::new();
        AVAILABLE.get_or_init(|| {
            #[allow(unused_mut)]
            let mut sets = Vec::new();
            #[cfg(target_arch = "x86_64")]
            {
                let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
                if avx2
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                {
                    sets.push(Self(Isa::Avx512));
                }
                if avx2 {
                    sets.push(Self(Isa::Avx2));
                }
            }
            sets
        })
    }

    /// The best instruction set of this processor; `None` if no kernel supports it.
    pub(super) fn best() -> Option<Self> {
        Self::available().first().copied()
    }

    /// Values in a register.
    pub(super) fn width(self) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => x86::Avx512::WIDTH,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => x86::Avx2::WIDTH,
        }
    }

    /// [`Lanes::TILE`].
    pub(super) fn tile(self) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => x86::Avx512::TILE,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => x86::Avx2::TILE,
        }
    }

    /// Runs `kernel` compiled for this instruction set.
    ///
    /// # Safety
    /// The kernel's own conditions hold. `self` proves that the processor has the instruction set.
    #[inline]
    pub(super) unsafe fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            // SAFETY: `self` proves that the processor has the instruction set; the caller promises the kernel's conditions.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => unsafe { x86::Avx512::run(kernel) },
            // SAFETY: the same.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => unsafe { x86::Avx2::run(kernel) },
        }
    }
}

/// A loop over slices, which the compiler vectorises.
pub(crate) trait PlainLoop {
    /// Result of the loop.
    type Output;
    /// Runs the loop; implementations are `#[inline(always)]`.
    fn run(self) -> Self::Output;
}

/// Runs `plain_loop` as compiled for the best instruction set of the processor.
pub(crate) fn vectorize<P: PlainLoop>(plain_loop: P) -> P::Output {
    struct Vectorized<P>(P);
    impl<P: PlainLoop> Kernel for Vectorized<P> {
        type Output = P::Output;
        #[inline(always)]
        unsafe fn call<L: Lanes>(self) -> P::Output {
            self.0.run()
        }
    }
    match InstructionSet::best() {
        // SAFETY: a plain loop has no conditions.
        Some(set) => unsafe { set.run(Vectorized(plain_loop)) },
        None => plain_loop.run(),
    }
}

/// A loop over vector registers.
pub(super) trait Kernel {
    /// Result of the loop.
    type Output;
    /// Runs the loop; implementations are `#[inline(always)]`.
    ///
    /// # Safety
    /// The processor has `L`'s instruction set, and the kernel's own conditions hold.
    unsafe fn call<L: Lanes>(self) -> Self::Output;
}

/// One instruction set's vectors of `f32`.
///
/// # Safety of the functions
/// The processor must have the instruction set. A pointer must be valid for the lanes that are read or written; it needs no
/// alignment.
pub(super) trait Lanes: Copy {
    /// A vector register.
    type Vector: Copy;
    /// Values in a register.
    const WIDTH: usize;
    /// Rows of a tile in [`mod@super::dots`] and [`mod@super::tiles`]. The registers must hold 4 accumulators and a factor for each
    /// row, and one register more.
    const TILE: usize;

    /// Runs `kernel` as a function compiled for the instruction set.
    unsafe fn run<K: Kernel>(kernel: K) -> K::Output;
    /// Prefetches the cache line at `source` to the second-level cache. This is only a hint: `source` may point anywhere.
    unsafe fn prefetch(source: *const f32);
    /// A vector with `x` in every lane.
    unsafe fn splat(x: f32) -> Self::Vector;
    /// The `WIDTH` values from `source`.
    unsafe fn load(source: *const f32) -> Self::Vector;
    /// The first `count` < `WIDTH` values from `source`, and zeros.
    unsafe fn load_head(source: *const f32, count: usize) -> Self::Vector;
    /// The first `count` ≤ `WIDTH` values from `source`, and zeros.
    #[inline(always)]
    unsafe fn load_part(source: *const f32, count: usize) -> Self::Vector {
        // SAFETY: the caller's promise.
        unsafe { if count == Self::WIDTH { Self::load(source) } else { Self::load_head(source, count) } }
    }
    /// Writes all lanes.
    unsafe fn store(destination: *mut f32, vector: Self::Vector);
    /// Writes the first `count` < `WIDTH` lanes.
    unsafe fn store_head(destination: *mut f32, vector: Self::Vector, count: usize);
    /// Writes the first `count` ≤ `WIDTH` lanes.
    #[inline(always)]
    unsafe fn store_part(destination: *mut f32, vector: Self::Vector, count: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            if count == Self::WIDTH {
                Self::store(destination, vector);
            } else {
                Self::store_head(destination, vector, count);
            }
        }
    }
    /// a + b.
    unsafe fn add(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a · b.
    unsafe fn multiply(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a · b + c, rounded once.
    unsafe fn multiply_add(a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// `a` with 0 in the lanes whose magnitude is below `limit`.
    unsafe fn flush(a: Self::Vector, limit: Self::Vector) -> Self::Vector;
    /// The sum of each vector's lanes, in an order that is the same for all four.
    unsafe fn sums(vectors: [Self::Vector; 4]) -> [f32; 4];
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    // Every function below is one or a few instructions of its type's instruction set, so the trait's safety condition is
    // its only one.
    #![allow(clippy::undocumented_unsafe_blocks, clippy::wildcard_imports)]

    use super::{Kernel, Lanes};
    use std::arch::x86_64::*;

    #[derive(Clone, Copy)]
    pub(super) struct Avx512;

    impl Lanes for Avx512 {
        type Vector = __m512;
        const WIDTH: usize = 16;
        const TILE: usize = 5;

        unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
            #[inline(never)]
            #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
            unsafe fn compiled<K: Kernel>(kernel: K) -> K::Output {
                unsafe { kernel.call::<Avx512>() }
            }
            unsafe { compiled(kernel) }
        }
        #[inline(always)]
        unsafe fn prefetch(source: *const f32) {
            unsafe { _mm_prefetch::<_MM_HINT_T1>(source.cast()) }
        }
        #[inline(always)]
        unsafe fn splat(x: f32) -> __m512 {
            unsafe { _mm512_set1_ps(x) }
        }
        #[inline(always)]
        unsafe fn load(source: *const f32) -> __m512 {
            unsafe { _mm512_loadu_ps(source) }
        }
        #[inline(always)]
        unsafe fn load_head(source: *const f32, count: usize) -> __m512 {
            unsafe { _mm512_maskz_loadu_ps((1 << count) - 1, source) }
        }
        #[inline(always)]
        unsafe fn store(destination: *mut f32, vector: __m512) {
            unsafe { _mm512_storeu_ps(destination, vector) }
        }
        #[inline(always)]
        unsafe fn store_head(destination: *mut f32, vector: __m512, count: usize) {
            unsafe { _mm512_mask_storeu_ps(destination, (1 << count) - 1, vector) }
        }
        #[inline(always)]
        unsafe fn add(a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_add_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn multiply(a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_mul_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn multiply_add(a: __m512, b: __m512, c: __m512) -> __m512 {
            unsafe { _mm512_fmadd_ps(a, b, c) }
        }
        #[inline(always)]
        unsafe fn flush(a: __m512, limit: __m512) -> __m512 {
            unsafe { _mm512_maskz_mov_ps(_mm512_cmp_ps_mask::<_CMP_NLT_UQ>(_mm512_abs_ps(a), limit), a) }
        }
        #[inline(always)]
        unsafe fn sums([a, b, c, d]: [__m512; 4]) -> [f32; 4] {
            unsafe {
                // Each fold adds neighbouring lanes and merges two vectors: ac and bd, then abcd in every quarter.
                let fold = |a, b| _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
                let quarters = fold(fold(a, c), fold(b, d));
                let low = _mm512_castps512_ps256(quarters);
                let halves = _mm256_add_ps(low, _mm512_extractf32x8_ps::<1>(quarters));
                let low = _mm256_castps256_ps128(halves);
                std::mem::transmute(_mm_add_ps(low, _mm256_extractf128_ps::<1>(halves)))
            }
        }
    }

    #[derive(Clone, Copy)]
    pub(super) struct Avx2;

    /// −1 in the first `count` lanes.
    #[inline(always)]
    unsafe fn head(count: usize) -> __m256i {
        unsafe {
            let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), lanes)
        }
    }

    impl Lanes for Avx2 {
        type Vector = __m256;
        const WIDTH: usize = 8;
        const TILE: usize = 3;

        unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
            #[inline(never)]
            #[target_feature(enable = "avx2,fma")]
            unsafe fn compiled<K: Kernel>(kernel: K) -> K::Output {
                unsafe { kernel.call::<Avx2>() }
            }
            unsafe { compiled(kernel) }
        }
        #[inline(always)]
        unsafe fn prefetch(source: *const f32) {
            unsafe { _mm_prefetch::<_MM_HINT_T1>(source.cast()) }
        }
        #[inline(always)]
        unsafe fn splat(x: f32) -> __m256 {
            unsafe { _mm256_set1_ps(x) }
        }
        #[inline(always)]
        unsafe fn load(source: *const f32) -> __m256 {
            unsafe { _mm256_loadu_ps(source) }
        }
        #[inline(always)]
        unsafe fn load_head(source: *const f32, count: usize) -> __m256 {
            unsafe { _mm256_maskload_ps(source, head(count)) }
        }
        #[inline(always)]
        unsafe fn store(destination: *mut f32, vector: __m256) {
            unsafe { _mm256_storeu_ps(destination, vector) }
        }
        #[inline(always)]
        unsafe fn store_head(destination: *mut f32, vector: __m256, count: usize) {
            unsafe { _mm256_maskstore_ps(destination, head(count), vector) }
        }
        #[inline(always)]
        unsafe fn add(a: __m256, b: __m256) -> __m256 {
            unsafe { _mm256_add_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn multiply(a: __m256, b: __m256) -> __m256 {
            unsafe { _mm256_mul_ps(a, b) }
        }
        #[inline(always)]
        unsafe fn multiply_add(a: __m256, b: __m256, c: __m256) -> __m256 {
            unsafe { _mm256_fmadd_ps(a, b, c) }
        }
        #[inline(always)]
        unsafe fn flush(a: __m256, limit: __m256) -> __m256 {
            unsafe {
                let magnitude = _mm256_andnot_ps(_mm256_set1_ps(-0.0), a);
                _mm256_and_ps(a, _mm256_cmp_ps::<_CMP_NLT_UQ>(magnitude, limit))
            }
        }
        #[inline(always)]
        unsafe fn sums([a, b, c, d]: [__m256; 4]) -> [f32; 4] {
            unsafe {
                let fold = |a, b| _mm256_add_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
                let halves = fold(fold(a, c), fold(b, d));
                let low = _mm256_castps256_ps128(halves);
                std::mem::transmute(_mm_add_ps(low, _mm256_extractf128_ps::<1>(halves)))
            }
        }
    }
}
