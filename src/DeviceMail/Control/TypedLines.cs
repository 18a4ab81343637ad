namespace DeviceMail.Control;

/// <summary>What a person types, line by line. One read waits at a time and serves whoever asks next: a terminal takes no read back.</summary>
internal sealed class TypedLines(TextReader from)
{
    private Task<string?>? _reading;

    /// <summary>The next line; null when there will be none.</summary>
    public async Task<string?> NextAsync(CancellationToken cancel)
    {
        // A console reads on the thread that asks, whatever its method is called.
        _reading ??= Task.Run(from.ReadLine, CancellationToken.None);
        var line = await _reading.WaitAsync(cancel);
        _reading = null;
        return line;
    }
}
