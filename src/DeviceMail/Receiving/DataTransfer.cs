using System.IO.Pipelines;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Storage;

namespace DeviceMail.Receiving;

/// <summary>
/// Takes one message from the wire to the queue while it comes: memory holds a window of it, never all. Whatever goes wrong, the data is read to its
/// end, so that no part of a message is ever taken for a command.
/// </summary>
internal sealed class DataTransfer(SmtpWire wire, AcceptMail accept, TimeProvider time)
{
    private static readonly PipeOptions _window = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 256 << 10, resumeWriterThreshold: 128 << 10,
        minimumSegmentSize: 16 << 10, useSynchronizationContext: false);

    public long OctetsRead { get; private set; }

    /// <summary>Whether the connection must be closed after the reply.</summary>
    public bool MustClose { get; private set; }

    /// <returns>The reply; null when the peer left in the middle.</returns>
    public async Task<string?> RunAsync(Envelope envelope, DataDecoder decoder, long limit)
    {
        using var forget = new CancellationTokenSource();
        var pipe = new Pipe(_window);
        var accepting = accept(envelope, pipe.Reader, forget.Token).AsTask();
        var ended = await PumpAsync(decoder, pipe.Writer, limit, accepting);
        var fault = !ended ? "" : decoder.IsMixed ? SmtpAnswers.MixedLineEnds : OctetsRead > limit ? SmtpAnswers.TooLarge : null;
        if (fault is not null) await forget.CancelAsync();
        await pipe.Writer.CompleteAsync();
        var reply = await OutcomeAsync(accepting, pipe.Reader);
        MustClose = decoder.IsMixed;
        return ended ? fault ?? reply : null;
    }

    private async Task<bool> PumpAsync(DataDecoder decoder, PipeWriter output, long limit, Task accepting)
    {
        while (true)
        {
            var result = await wire.ReadAsync(time);
            var (buffer, ended, position) = (result.Buffer, false, result.Buffer.Start);
            foreach (var piece in buffer)
            {
                ended = decoder.Decode(piece.Span, OctetsRead > limit ? Nowhere.Writer : output, out var consumed);
                OctetsRead += consumed;
                position = buffer.GetPosition(consumed, position);
                if (ended) break;
            }
            wire.Input.AdvanceTo(position, ended ? position : buffer.End);
            if (ended) return true;
            if (result.IsCompleted || result.IsCanceled) return false;
            if (!accepting.IsCompleted) await output.FlushAsync();
        }
    }

    private static async Task<string> OutcomeAsync(Task<AcceptOutcome> accepting, PipeReader reader)
    {
        try
        {
            return await accepting switch
            {
                AcceptOutcome.Accepted accepted => SmtpAnswers.Accepted(accepted.JobId),
                AcceptOutcome.Refused { Why: MessageFault.HeaderTooLarge } => SmtpAnswers.HeaderTooLarge,
                AcceptOutcome.Refused { Why: MessageFault.NulInHeader } => SmtpAnswers.NulInHeader,
                _ => SmtpAnswers.Loop,
            };
        }
        catch (StorageFailedException fault)
        {
            return fault.Failure == StorageFailure.DiskFull ? SmtpAnswers.DiskFull : SmtpAnswers.NotKept;
        }
        catch (OperationCanceledException)
        {
            return SmtpAnswers.NotKept;
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    /// <summary>Takes the rest of a message that is too large.</summary>
    private sealed class Nowhere : PipeWriter
    {
        private readonly byte[] _scratch = new byte[64 << 10];

        [ThreadStatic]
        private static Nowhere? _ofThread;

        public static Nowhere Writer => _ofThread ??= new Nowhere();

        public override void Advance(int bytes)
        {
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => sizeHint <= _scratch.Length ? _scratch : new byte[sizeHint];

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(default(FlushResult));
    }
}
