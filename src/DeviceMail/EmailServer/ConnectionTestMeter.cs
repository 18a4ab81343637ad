namespace DeviceMail.EmailServer;

/// <summary>A step that goes on: it measures its time, and reports how it ended.</summary>
internal sealed class ConnectionTestMeter(ConnectionTestRun run, string key, TimeProvider time, CancellationToken cancel)
{
    private readonly long _since = time.GetTimestamp();
    private long? _until;

    public string Key => key;

    /// <summary>The step ended earlier than it is reported.</summary>
    /// <param name="timestamp">As <see cref="TimeProvider.GetTimestamp"/>.</param>
    public ConnectionTestMeter Until(long timestamp)
    {
        _until = Math.Max(timestamp, _since);
        return this;
    }

    /// <exception cref="OperationCanceledException">The time is over.</exception>
    public async Task<T> LimitedAsync<T>(TimeSpan longest, Func<CancellationToken, Task<T>> work)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var timer = time.CreateTimer(_ => limit.Cancel(), null, longest, Timeout.InfiniteTimeSpan);
        return await work(limit.Token);
    }

    /// <returns>Always true: the next step follows.</returns>
    public bool Ok(string sentence, params IEnumerable<string> details)
    {
        Report("ok", sentence, null, details);
        return true;
    }

    /// <returns>Always true: no step follows from nothing to do.</returns>
    public bool Off(string sentence)
    {
        run.Report(new ConnectionTestStep(key, "off", sentence));
        return true;
    }

    public void Warn(string sentence, ConnectionTestFault fault, params IEnumerable<string> details) => Report("warn", sentence, fault, details);

    /// <returns>Always false: no further step makes sense.</returns>
    public bool Bad(string sentence, ConnectionTestFault fault)
    {
        Report("bad", sentence, fault, []);
        return false;
    }

    private void Report(string mark, string sentence, ConnectionTestFault? fault, IEnumerable<string> details)
    {
        var took = time.GetElapsedTime(_since, _until ?? time.GetTimestamp());
        run.Report(new ConnectionTestStep(key, mark, sentence) { Details = [.. details.Where(one => one.Length > 0)], Milliseconds = (long)took.TotalMilliseconds, Fault = fault });
    }
}
