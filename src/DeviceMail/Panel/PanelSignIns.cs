using System.Collections.Concurrent;
using DeviceMail.Web;

namespace DeviceMail.Panel;

/// <summary>
/// Where the administrator has signed in at a panel. It opens the panel's administrator items and nothing of Web Config, and ends by itself:
/// a panel stands where everybody passes.
/// </summary>
public sealed class PanelSignIns
{
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<long, DateTimeOffset> _lastUse = new();
    private readonly TimeProvider _time;

    public PanelSignIns(Administrator administrator, PanelRegister panels, TimeProvider time)
    {
        _time = time;
        administrator.PasswordChanged += _lastUse.Clear;
        panels.Unpaired += panel => _lastUse.TryRemove(panel.Id, out _);
    }

    public bool IsSignedIn(PairedPanel panel)
    {
        if (!_lastUse.TryGetValue(panel.Id, out var last)) return false;
        if (_time.GetUtcNow() - last <= Idle) return true;
        _lastUse.TryRemove(KeyValuePair.Create(panel.Id, last));
        return false;
    }

    public void Begin(PairedPanel panel) => _lastUse[panel.Id] = _time.GetUtcNow();

    /// <summary>A person did something at the panel; what the page asks by itself is no use.</summary>
    public void Use(PairedPanel panel)
    {
        if (IsSignedIn(panel) && _lastUse.TryGetValue(panel.Id, out var last)) _lastUse.TryUpdate(panel.Id, _time.GetUtcNow(), last);
    }

    public void End(PairedPanel panel) => _lastUse.TryRemove(panel.Id, out _);
}
