namespace DeviceMail.Doctor;

/// <summary>One permission at Microsoft Graph, and what it is for.</summary>
public sealed record TenantPermission(string Name, string For);

/// <summary>Permissions of the set-up, as data: those that the administrator lends it for a few minutes, and those that the application gets.</summary>
public static class TenantPermissions
{
    /// <summary>Microsoft's ids of these, the same in each organisation; they are looked up first, and used where the look-up finds none.</summary>
    internal const string SmtpSendId = "258f6531-6087-4cc4-bb90-092c5fb3ed3f", MailSendId = "e383f46e-2787-4529-855e-0e479a3ffac0";

    internal const string ExchangeAppId = "00000002-0000-0ff1-ce00-000000000000", GraphAppId = "00000003-0000-0000-c000-000000000000";

    internal const string SmtpSend = "SMTP.Send", MailSend = "Mail.Send";

    /// <summary>What the administrator agrees to, for the few minutes of the set-up.</summary>
    public static IReadOnlyList<TenantPermission> Asked { get; } =
    [
        new("Application.ReadWrite.All", "to find or make the application DeviceMail"),
        new("DelegatedPermissionGrant.ReadWrite.All", "to let it send for the mailbox"),
        new("Policy.Read.All", "to read security defaults and Conditional Access, and to change neither"),
        new("User.ReadBasic.All", "to find the mailbox by its address"),
    ];

    /// <summary>What DeviceMail gets at Office 365 Exchange Online.</summary>
    internal static IReadOnlyList<string> AtExchange { get; } = [SmtpSend];

    /// <summary>What DeviceMail gets at Microsoft Graph: to send that way too, to stay signed in, and to know who signed in.</summary>
    internal static IReadOnlyList<string> AtGraph { get; } = [MailSend, "offline_access", "openid", "profile", "email"];

    /// <summary>The scopes of the administrator's sign-in. No refresh token is asked for: nothing shall be left of it.</summary>
    internal static string Scopes(TenantCloud cloud) => $"{string.Join(' ', Asked.Select(one => $"{cloud.Resource}/{one.Name}"))} openid profile";
}
