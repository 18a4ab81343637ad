using DeviceMail.Activity;
using DeviceMail.Web;

namespace DeviceMail.Panel;

/// <summary>A browser that asks to become a panel, and shows a code for that.</summary>
/// <param name="KeyHash">Hash of the key by which it is known meanwhile.</param>
/// <param name="Client">The address it asks from.</param>
public sealed record Pairing(string KeyHash, ClaimCode Code, string Client)
{
    /// <summary>The key it gets as a panel, once an administrator typed the code; null before.</summary>
    public string? PanelKey { get; init; }
}

public abstract record PairOutcome
{
    public sealed record Paired(PairedPanel Panel) : PairOutcome;

    /// <param name="Field">The field to change: code or name.</param>
    /// <param name="Sentence">What is wrong with it.</param>
    public sealed record Refused(string Field, string Sentence) : PairOutcome;
}

/// <summary>
/// Pairing: the browser shows a code, and who is logged in to Web Config types it. The key travels neither over the screen nor through the
/// administrator; the browser fetches it by the key with which it asked.
/// </summary>
public sealed class PairingDesk(PanelRegister panels, ActivityLog activity, TimeProvider time)
{
    /// <summary>How long a code is good.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    /// <summary>Browsers that ask at once: all together, and from one address. The oldest goes first.</summary>
    private const int Most = 200, MostFromOneAddress = 5;

    private readonly Lock _lock = new();
    private readonly List<Pairing> _asking = [];

    /// <summary>The pairing under way in this browser, or null.</summary>
    public Pairing? Find(HttpContext context)
    {
        if (PanelCookie.KeyIn(context, PanelCookie.Asking) is not { } key) return null;
        var hash = PanelCookie.HashOf(key);
        lock (_lock)
        {
            Prune();
            return _asking.Find(one => one.KeyHash == hash);
        }
    }

    /// <summary>A new code for this browser.</summary>
    public Pairing Begin(HttpContext context)
    {
        var key = PanelCookie.MakeKey();
        var pairing = new Pairing(PanelCookie.HashOf(key), ClaimCode.MakeShort(time.GetUtcNow() + Life), PanelCookie.ClientOf(context));
        lock (_lock)
        {
            Prune();
            if (_asking.Count(one => one.Client == pairing.Client) >= MostFromOneAddress) _asking.Remove(_asking.First(one => one.Client == pairing.Client));
            if (_asking.Count >= Most) _asking.RemoveAt(0);
            _asking.Add(pairing);
        }
        PanelCookie.Set(context, PanelCookie.Asking, key);
        return pairing;
    }

    /// <summary>The administrator typed a code and a name.</summary>
    public async Task<PairOutcome> PairAsync(string code, string name)
    {
        if (panels.CheckName(name) is { } fault) return new PairOutcome.Refused("name", fault);
        if (Take(code) is not { } pairing)
            return new PairOutcome.Refused("code", "No panel shows this code now. Open /panel in the panel's browser, and type the code that it shows within 15 minutes.");
        var key = PanelCookie.MakeKey();
        if (await panels.AddAsync(name, key) is not PanelSave.Saved saved) return new PairOutcome.Refused("name", "There is a panel of that name already. Choose another name.");
        lock (_lock) _asking.Add(pairing with { PanelKey = key });
        await activity.RecordAsync(Subject.Gateway, name, $"The browser at {pairing.Client} was paired as the control panel {name}.");
        return new PairOutcome.Paired(saved.Panel);
    }

    /// <summary>The browser has its key: the pairing is over.</summary>
    public void End(Pairing pairing)
    {
        lock (_lock) _asking.RemoveAll(one => one.KeyHash == pairing.KeyHash);
    }

    /// <summary>A code works once: what is taken here cannot be typed again.</summary>
    private Pairing? Take(string code)
    {
        lock (_lock)
        {
            Prune();
            var at = _asking.FindIndex(one => one.PanelKey is null && one.Code.Fits(code));
            if (at < 0) return null;
            var pairing = _asking[at];
            _asking.RemoveAt(at);
            return pairing;
        }
    }

    private void Prune() => _asking.RemoveAll(one => one.Code.Until <= time.GetUtcNow());
}
