//! Which functions a component asks of the host: those the engine has, and those it refuses when called.

use trellis_error::Result;
use trellis_plan::{TrampolineKind, Transcode};
use wasmtime_environ::component::{FixedEncoding, RuntimeComponentInstanceIndex, Trampoline, Transcode as Op};

use crate::translate::{Translation, unsupported};
use crate::types::Converter;

/// What a function of the host does, and which component instance must be allowed to leave when it is called.
pub(crate) fn trampoline(
    translation: &Translation<'_>,
    types: &mut Converter<'_>,
    trampoline: &Trampoline,
) -> Result<(TrampolineKind, Option<u32>)> {
    use Trampoline as T;
    let free = |kind| Ok((kind, None));
    let guarded = |kind, instance: &RuntimeComponentInstanceIndex| Ok((kind, Some(instance.as_u32())));
    match trampoline {
        T::LowerImport { index, lower_ty, options } => {
            let function = types.function(*lower_ty)?;
            let kind = TrampolineKind::LowerImport { lowering: index.as_u32(), function, options: options.as_u32() };
            guarded(kind, &translation.component.options[*options].instance)
        }
        T::Transcoder { op, from, from64: false, to, to64: false } => {
            free(TrampolineKind::Transcode { op: transcode(*op), from: from.as_u32(), to: to.as_u32() })
        }
        T::ResourceNew { instance, ty } => guarded(TrampolineKind::ResourceNew(types.table(*ty)?), instance),
        T::ResourceRep { ty, .. } => free(TrampolineKind::ResourceRep(types.table(*ty)?)),
        T::ResourceDrop { instance, ty } => guarded(TrampolineKind::ResourceDrop(types.table(*ty)?), instance),
        T::ResourceTransferOwn => free(TrampolineKind::ResourceTransferOwn),
        T::ResourceTransferBorrow => free(TrampolineKind::ResourceTransferBorrow),
        T::EnterSyncCall => free(TrampolineKind::EnterCall),
        T::ExitSyncCall => free(TrampolineKind::ExitCall),
        T::Trap => free(TrampolineKind::Trap),
        T::BackpressureInc { .. } | T::BackpressureDec { .. } => free(TrampolineKind::Backpressure),
        other => match refused(other) {
            Some((name, instance)) => guarded(TrampolineKind::Refused(name.to_owned()), instance),
            None => Err(unsupported(&format!("{} between components (component model async)", other.symbol_name()))),
        },
    }
}

/// The built-ins of the async component model: they may be declared, and trap when called.
fn refused(trampoline: &Trampoline) -> Option<(&'static str, &RuntimeComponentInstanceIndex)> {
    use Trampoline as T;
    Some(match trampoline {
        T::TaskReturn { instance, .. } => ("task.return", instance),
        T::TaskCancel { instance } => ("task.cancel", instance),
        T::WaitableSetNew { instance } => ("waitable-set.new", instance),
        T::WaitableSetWait { instance, .. } => ("waitable-set.wait", instance),
        T::WaitableSetPoll { instance, .. } => ("waitable-set.poll", instance),
        T::WaitableSetDrop { instance } => ("waitable-set.drop", instance),
        T::WaitableJoin { instance } => ("waitable.join", instance),
        T::SubtaskDrop { instance } => ("subtask.drop", instance),
        T::SubtaskCancel { instance, .. } => ("subtask.cancel", instance),
        T::StreamNew { instance, .. } => ("stream.new", instance),
        T::StreamRead { instance, .. } => ("stream.read", instance),
        T::StreamWrite { instance, .. } => ("stream.write", instance),
        T::StreamCancelRead { instance, .. } => ("stream.cancel-read", instance),
        T::StreamCancelWrite { instance, .. } => ("stream.cancel-write", instance),
        T::StreamDropReadable { instance, .. } => ("stream.drop-readable", instance),
        T::StreamDropWritable { instance, .. } => ("stream.drop-writable", instance),
        T::FutureNew { instance, .. } => ("future.new", instance),
        T::FutureRead { instance, .. } => ("future.read", instance),
        T::FutureWrite { instance, .. } => ("future.write", instance),
        T::FutureCancelRead { instance, .. } => ("future.cancel-read", instance),
        T::FutureCancelWrite { instance, .. } => ("future.cancel-write", instance),
        T::FutureDropReadable { instance, .. } => ("future.drop-readable", instance),
        T::FutureDropWritable { instance, .. } => ("future.drop-writable", instance),
        T::ErrorContextNew { instance, .. } => ("error-context.new", instance),
        T::ErrorContextDebugMessage { instance, .. } => ("error-context.debug-message", instance),
        T::ErrorContextDrop { instance, .. } => ("error-context.drop", instance),
        T::ThreadIndex { instance } => ("thread.index", instance),
        T::ThreadNewIndirect { instance, .. } => ("thread.new-indirect", instance),
        T::ThreadResumeLater { instance } => ("thread.resume-later", instance),
        T::ThreadSuspend { instance, .. } => ("thread.suspend", instance),
        T::ThreadYield { instance, .. } => ("thread.yield", instance),
        T::ThreadSuspendThenResume { instance, .. } => ("thread.suspend-then-resume", instance),
        T::ThreadYieldThenResume { instance, .. } => ("thread.yield-then-resume", instance),
        T::ThreadSuspendThenPromote { instance, .. } => ("thread.suspend-then-promote", instance),
        T::ThreadYieldThenPromote { instance, .. } => ("thread.yield-then-promote", instance),
        _ => return None,
    })
}

fn transcode(op: Op) -> Transcode {
    match op {
        Op::Copy(FixedEncoding::Utf8) => Transcode::CopyUtf8,
        Op::Copy(FixedEncoding::Utf16) => Transcode::CopyUtf16,
        Op::Copy(FixedEncoding::Latin1) => Transcode::CopyLatin1,
        Op::Latin1ToUtf16 => Transcode::Latin1ToUtf16,
        Op::Latin1ToUtf8 => Transcode::Latin1ToUtf8,
        Op::Utf16ToCompactProbablyUtf16 => Transcode::Utf16ToCompactProbablyUtf16,
        Op::Utf16ToCompactUtf16 => Transcode::Utf16ToCompactUtf16,
        Op::Utf16ToLatin1 => Transcode::Utf16ToLatin1,
        Op::Utf16ToUtf8 => Transcode::Utf16ToUtf8,
        Op::Utf8ToCompactUtf16 => Transcode::Utf8ToCompactUtf16,
        Op::Utf8ToLatin1 => Transcode::Utf8ToLatin1,
        Op::Utf8ToUtf16 => Transcode::Utf8ToUtf16,
    }
}
