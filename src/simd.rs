//! Compiles plain loops once for each instruction set and chooses one at run time.
//!
//! A loop is a struct of its arguments whose `run` is `#[inline(always)]`, and so is every function that `run` calls. A
//! closure can't take the struct's place: its call shim is compiled without the instruction set, and fused multiply-adds in
//! it become library calls. The compiler contracts and reorders nothing, so every instruction set gives the same bits.

/// A plain loop over slices, which the compiler vectorises.
pub(crate) trait PlainLoop {
    /// Result of the loop.
    type Output;
    /// Runs the loop; implementations are `#[inline(always)]`.
    fn run(self) -> Self::Output;
}

/// Runs `plain_loop` as compiled for the best instruction set of the processor.
pub(crate) fn vectorize<L: PlainLoop>(plain_loop: L) -> L::Output {
    struct Inlined<L>(L);
    impl<L: PlainLoop> pulp::WithSimd for Inlined<L> {
        type Output = L::Output;
        #[inline(always)]
        fn with_simd<S: pulp::Simd>(self, _: S) -> L::Output {
            self.0.run()
        }
    }
    pulp::Arch::new().dispatch(Inlined(plain_loop))
}
