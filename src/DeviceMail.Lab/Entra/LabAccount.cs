using System.Security.Cryptography;
using System.Text;

namespace DeviceMail.Lab.Entra;

public enum AccountKind
{
    Work,
    Administrator,
    Personal,

    /// <summary>The application itself, when it has a token without a person. It is nobody that can be picked.</summary>
    Application,
}

/// <summary>Somebody who can sign in to the pretend cloud by this address (Entra's user principal name). Any password is right.</summary>
public sealed record LabAccount(string Address, string Name, AccountKind Kind)
{
    /// <summary>Object id: the same in each lab, made from the address.</summary>
    public Guid Id { get; } = new(SHA256.HashData(Encoding.UTF8.GetBytes(Address))[..16]);

    /// <summary>The address of the mailbox, where it differs from the name at sign-in.</summary>
    public string Mailbox { get; init; } = Address;

    public Guid TenantId => Kind == AccountKind.Personal ? LabTenant.PersonalTenantId : LabTenant.TenantId;
}
