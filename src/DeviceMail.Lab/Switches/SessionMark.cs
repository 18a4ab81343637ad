namespace DeviceMail.Lab.Switches;

/// <summary>
/// A switch that hits what was issued before it was turned on and spares what is issued after,
/// as a revocation does: signing in again repairs it.
/// </summary>
public sealed class SessionMark(Func<long> now)
{
    private long? _from;

    public bool On
    {
        get => _from is not null;
        set => _from = value ? _from ?? now() : null;
    }

    public bool Hits(long number) => number <= _from;
}
