using System.Net;
using DeviceMail.Messages;

namespace DeviceMail.Devices;

/// <summary>What an old device does differently, allowed one by one.</summary>
[Flags]
public enum Habits
{
    None = 0,

    /// <summary>Sends over an unencrypted connection.</summary>
    NoTls = 1,

    /// <summary>Cannot sign in; its address is its credential.</summary>
    NoAuth = 2,

    /// <summary>Says HELO, never EHLO.</summary>
    HeloOnly = 4,

    /// <summary>Ends its lines, and its data, with LF alone.</summary>
    LfLines = 8,

    /// <summary>Puts a space after FROM: and TO:.</summary>
    SpaceAfterColon = 16,

    /// <summary>Writes addresses without angle brackets.</summary>
    NoBrackets = 32,

    /// <summary>Speaks TLS 1.0 or 1.1 only; by address range, because TLS comes before AUTH.</summary>
    OldTls = 64,

    /// <summary>Signs in with CRAM-MD5 only; its password is stored readable.</summary>
    CramMd5 = 128,
}

/// <summary>
/// Something that may hand in mail: known by its address, or by user name and password, or by both.
/// </summary>
public sealed record Device
{
    public required long Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Who is recognised without signing in; null: only by credentials.</summary>
    public IPNetwork? Range { get; init; }

    /// <summary>The user name it signs in with; null: only by address.</summary>
    public string? UserName { get; init; }

    public Habits Habits { get; init; }

    /// <summary>The account its mail goes out by; null: chosen by sender, else the default account.</summary>
    public long? AccountId { get; init; }

    /// <summary>Who is told when a mail of this device cannot be delivered; null: the administrator.</summary>
    public MailAddress? Contact { get; init; }
}
