namespace DeviceMail.Lab.Entra;

/// <summary>The only scopes of a token without a person: all that was granted at one resource.</summary>
public static class ApplicationScope
{
    public const string Graph = "https://graph.microsoft.com/.default";
    public const string OutlookOffice = "https://outlook.office.com/.default";
    public const string OutlookOffice365 = "https://outlook.office365.com/.default";

    /// <summary>The resource, or null when the scope is anything else (AADSTS1002012).</summary>
    public static string? ResourceOf(string scope) =>
        scope is Graph or OutlookOffice or OutlookOffice365 ? scope[..scope.LastIndexOf('/')] : null;
}
