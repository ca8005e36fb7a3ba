//! A machine with a stack and four registers, as interpreters of small languages have.

#[derive(Clone, Copy)]
enum Code {
    Push(u32),
    Load(usize),
    Store(usize),
    Add,
    Multiply,
    Xor,
    JumpUnlessZero(usize),
    End,
}

/// Runs a loop of so many rounds in byte code; answers what it has computed.
pub fn countdown(rounds: u32) -> u32 {
    use Code::{Add, End, JumpUnlessZero, Load, Multiply, Push, Store, Xor};
    let counter_less_one = [Load(0), Push(u32::MAX), Add, Store(0)];
    let hash = [Load(1), Push(16_777_619), Multiply, Load(0), Xor, Store(1)];
    let again = [Load(0), JumpUnlessZero(2), Load(1), End];
    run(&[[Push(rounds), Store(0)].as_slice(), &hash, &counter_less_one, &again].concat())
}

fn run(program: &[Code]) -> u32 {
    let mut registers = [0_u32; 4];
    let mut stack = Vec::with_capacity(16);
    let mut at = 0;
    loop {
        let code = program[at];
        at += 1;
        let mut pop = || stack.pop().expect("the program pushes before it pops");
        match code {
            Code::Push(value) => stack.push(value),
            Code::Load(register) => stack.push(registers[register]),
            Code::Store(register) => registers[register] = pop(),
            Code::Add => {
                let sum = pop().wrapping_add(pop());
                stack.push(sum);
            }
            Code::Multiply => {
                let product = pop().wrapping_mul(pop());
                stack.push(product);
            }
            Code::Xor => {
                let xor = pop() ^ pop();
                stack.push(xor);
            }
            Code::JumpUnlessZero(target) => at = if pop() == 0 { at } else { target },
            Code::End => return pop(),
        }
    }
}
