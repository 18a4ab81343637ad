using System.IO.Pipelines;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Storage;

namespace DeviceMail.Receiving;

/// <summary>
/// Takes one message from the wire to the queue while it comes: memory holds a window of it, never all. Whatever goes wrong, the data is read to its
/// end, so that no part of a message is ever taken for a command.
/// </summary>
internal sealed class DataTransfer(SmtpWire wire, AcceptMail accept)
{
    private static readonly PipeOptions _window = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 256 << 10, resumeWriterThreshold: 128 << 10,
        minimumSegmentSize: 16 << 10, useSynchronizationContext: false);

    private enum DataEnd
    {
        Whole,
        PeerLeft,
        Interrupted,
    }

    /// <summary>Octets that came from the peer.</summary>
    public long OctetsRead { get; private set; }

    /// <param name="envelope">Who gets it.</param>
    /// <param name="decoder">A fresh one.</param>
    /// <param name="limit">Octets the message may have.</param>
    /// <returns>The reply; null when the peer left in the middle.</returns>
    public async Task<string?> RunAsync(Envelope envelope, DataDecoder decoder, long limit)
    {
        using var forget = new CancellationTokenSource();
        var pipe = new Pipe(_window);
        var accepting = AcceptAsync(envelope, pipe.Reader, forget.Token);
        var (end, reply) = (DataEnd.PeerLeft, "");
        string? fault = null;
        try
        {
            end = await PumpAsync(decoder, pipe.Writer, limit, accepting);
            fault = end == DataEnd.Interrupted ? SmtpAnswers.TooSlow : decoder.IsMixed ? SmtpAnswers.MixedLineEnds : decoder.Written > limit ? SmtpAnswers.TooLarge : null;
        }
        finally
        {
            // Whatever happened to the peer, the queue must not go on waiting for the rest.
            if (end != DataEnd.Whole || fault is not null) await forget.CancelAsync();
            await pipe.Writer.CompleteAsync();
            reply = await accepting;
        }
        return end == DataEnd.PeerLeft ? null : fault ?? reply;
    }

    private async Task<DataEnd> PumpAsync(DataDecoder decoder, PipeWriter output, long limit, Task accepting)
    {
        while (true)
        {
            var result = await wire.ReadAsync();
            var (buffer, ended, position) = (result.Buffer, false, result.Buffer.Start);
            foreach (var piece in buffer)
            {
                ended = decoder.Decode(piece.Span, decoder.Written > limit || accepting.IsCompleted ? Nowhere.Writer : output, out var consumed);
                OctetsRead += consumed;
                position = buffer.GetPosition(consumed, position);
                if (ended) break;
            }
            wire.Input.AdvanceTo(position, ended ? position : buffer.End);
            if (ended) return DataEnd.Whole;
            if (result.IsCanceled) return DataEnd.Interrupted;
            if (result.IsCompleted) return DataEnd.PeerLeft;
            if (!accepting.IsCompleted) await output.FlushAsync();
        }
    }

    /// <summary>Hands the message to the queue. When the queue gives up early, the window is closed, so that nobody waits for room in it.</summary>
    private async Task<string> AcceptAsync(Envelope envelope, PipeReader body, CancellationToken forget)
    {
        try
        {
            return await accept(envelope, body, forget) switch
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
        catch (Exception fault) when (fault is OperationCanceledException or IOException or UnauthorizedAccessException)
        {
            // Caught here, because further out an IOException means that the peer left.
            return SmtpAnswers.NotKept;
        }
        finally
        {
            await body.CompleteAsync();
        }
    }

    /// <summary>Takes the rest of a message that is not wanted.</summary>
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
