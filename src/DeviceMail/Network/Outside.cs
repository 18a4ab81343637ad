namespace DeviceMail.Network;

/// <summary>What a connection to the outside needs: a way there, and whom to believe.</summary>
public sealed class Outside(WayOut way, TrustedRoots roots)
{
    public WayOut Way => way;

    public TrustedRoots Roots => roots;

    /// <summary>Raised when connections that are open were made by another way, or on other trust, than is wanted now.</summary>
    public event Action? Changed
    {
        add
        {
            way.Changed += value;
            roots.Changed += value;
        }
        remove
        {
            way.Changed -= value;
            roots.Changed -= value;
        }
    }
}
