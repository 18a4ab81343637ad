namespace DeviceMail.Sending;

/// <summary>How long a step may take, inside what the program allows: its token is cancelled by either.</summary>
internal sealed class SendLimit : IDisposable
{
    private readonly CancellationToken _program;
    private readonly CancellationTokenSource _time;
    private readonly CancellationTokenSource _either;

    public SendLimit(TimeProvider time, TimeSpan longest, CancellationToken program)
    {
        _program = program;
        _time = new CancellationTokenSource(longest, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(program, _time.Token);
    }

    public CancellationToken Token => _either.Token;

    /// <summary>The time is over, and that alone ended the step.</summary>
    public bool IsOver => _time.IsCancellationRequested && !_program.IsCancellationRequested;

    public void Dispose()
    {
        _either.Dispose();
        _time.Dispose();
    }
}
