//! Plain loops compiled once for each instruction set and chosen at run time.
//!
//! A kernel is a struct of its arguments whose `run` is marked `#[inline(always)]`; so must be every function that
//! it calls in its loops. Closures don't do: the shim that calls them is compiled without the instruction set, and
//! fused multiply-adds in it become library calls. Nothing is contracted or reordered by the compiler, so every
//! instruction set gives the same bits.

/// A loop over slices.
pub(crate) trait Kernel {
    /// What it returns.
    type Output;
    /// The loop; implementations are `#[inline(always)]`.
    fn run(self) -> Self::Output;
}

/// Runs the kernel's version for the best instruction set that the processor has.
pub(crate) fn vectorize<K: Kernel>(kernel: K) -> K::Output {
    struct Inlined<K>(K);
    impl<K: Kernel> pulp::WithSimd for Inlined<K> {
        type Output = K::Output;
        #[inline(always)]
        fn with_simd<S: pulp::Simd>(self, _: S) -> K::Output {
            self.0.run()
        }
    }
    pulp::Arch::new().dispatch(Inlined(kernel))
}
