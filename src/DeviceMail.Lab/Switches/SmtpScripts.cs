namespace DeviceMail.Lab.Switches;

/// <summary>The moments of an SMTP session at which a scripted reply can be given.</summary>
public enum SmtpPhase
{
    Connect,
    Ehlo,
    Auth,
    Mail,
    Rcpt,
    Data,
    EndData,
}

/// <summary>Scripted replies: the next N of a phase are answered with a given line. As text: "2 451 4.7.500 Server busy".</summary>
public sealed class SmtpScripts
{
    /// <summary>A scripted reply of this text closes the connection without an answer.</summary>
    public const string Drop = "DROP";

    private readonly Lock _gate = new();
    private readonly Dictionary<SmtpPhase, (int Count, string Reply)> _scripts = [];

    public void Set(SmtpPhase phase, string reply, int count)
    {
        lock (_gate)
        {
            if (count > 0)
                _scripts[phase] = (count, reply);
            else
                _scripts.Remove(phase);
        }
    }

    public string? Take(SmtpPhase phase)
    {
        lock (_gate)
        {
            if (!_scripts.TryGetValue(phase, out var script))
                return null;
            if (script.Count > 1)
                _scripts[phase] = script with { Count = script.Count - 1 };
            else
                _scripts.Remove(phase);
            return script.Reply;
        }
    }

    public string Text(SmtpPhase phase)
    {
        lock (_gate)
            return _scripts.TryGetValue(phase, out var script) ? $"{script.Count} {script.Reply}" : "";
    }

    public bool TrySet(SmtpPhase phase, string text)
    {
        text = text.Trim();
        if (text.Length == 0)
        {
            Set(phase, "", 0);
            return true;
        }

        var space = text.IndexOf(' ', StringComparison.Ordinal);
        if (space < 1 || !int.TryParse(text[..space], out var count) || text.AsSpan().ContainsAny('\r', '\n'))
            return false;
        var reply = text[(space + 1)..].Trim();
        if (reply != Drop && !(reply.Length >= 3 && reply.AsSpan(0, 3).IndexOfAnyExceptInRange('0', '9') < 0))
            return false;
        Set(phase, reply, count);
        return true;
    }
}
