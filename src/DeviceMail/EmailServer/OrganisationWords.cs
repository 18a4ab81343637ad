namespace DeviceMail.EmailServer;

/// <summary>Which organisation somebody belongs to, as far as a sign-in tells: the sign-in name's domain and the directory's id; its title is not in it.</summary>
internal static class OrganisationWords
{
    /// <summary>The tenant of all personal accounts (ID token claims reference).</summary>
    private const string Personal = "9188040d-6c67-4c5b-b112-36a304b66dad";

    public static string Of(StagedSignIn staged)
    {
        if (staged.Organisation == Personal) return "none: a personal Microsoft account";
        var domain = staged.As.Split('@') is [_, var name] ? name : "";
        return domain.Length > 0 ? domain : staged.Organisation.Length > 0 ? staged.Organisation : "unknown";
    }
}
