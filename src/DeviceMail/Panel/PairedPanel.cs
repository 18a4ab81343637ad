namespace DeviceMail.Panel;

/// <summary>A browser that an administrator has made a control panel.</summary>
/// <param name="Name">What people call it, 1 to 100 characters; it stands at the top of its first page.</param>
/// <param name="KeyHash">SHA-256 of the key in its cookie.</param>
public sealed record PairedPanel(long Id, string Name, string KeyHash)
{
    public required DateTimeOffset PairedAt { get; init; }

    /// <summary>When it last asked for a page; null: never yet.</summary>
    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>The address it was last seen at.</summary>
    public string? Client { get; init; }
}
