namespace DeviceMail.Accounts;

/// <summary>What Microsoft Graph takes (Microsoft Graph, "user: sendMail", "Attach large files to Outlook messages", "Microsoft Graph service-specific throttling limits").</summary>
public static class GraphLimits
{
    /// <summary>Octets of a request; a mail is in it as base64.</summary>
    private const int LargestRequest = 4 << 20;

    /// <summary>What a request may hold beside the mail.</summary>
    private const int Room = 16 << 10;

    /// <summary>Octets of a mail that goes in one piece.</summary>
    public const int LargestMail = (LargestRequest - Room) / 4 * 3;

    /// <summary>Octets of an attachment that goes in one piece, as base64 in a request with little beside it.</summary>
    public const int LargestFile = (LargestRequest - (1 << 10)) / 4 * 3;

    /// <summary>Octets of an attachment that goes in pieces.</summary>
    public const long LargestDraft = 150L << 20;

    /// <summary>What the gateway adds to a mail's header at the most, with room for a long list of recipients.</summary>
    public const int OwnFields = 4 << 10;

    /// <summary>Requests at once for one mailbox.</summary>
    public const int AtOnce = 4;
}
