namespace DeviceMail.Lab.Entra;

/// <summary>The first part of an Entra address: which accounts it lets in.</summary>
public sealed record Authority(string Name, string Issuer)
{
    private const string Common = "common", Organizations = "organizations", Consumers = "consumers";

    public bool IsShared => Name is Common or Organizations;

    public bool IsPersonal => Name == Consumers;

    /// <summary>Null for a tenant that does not exist (AADSTS90002).</summary>
    public static Authority? Find(string tenant, Uri web)
    {
        tenant = tenant.ToLowerInvariant();
        return tenant switch
        {
            // Microsoft's metadata of the shared authorities holds this placeholder, word for word.
            Common or Organizations => new(tenant, $"{web}{{tenantid}}/v2.0"),
            Consumers => new(Consumers, $"{web}{LabTenant.PersonalTenantId}/v2.0"),
            LabTenant.Domain => Own(web),
            _ when tenant == LabTenant.TenantId.ToString() => Own(web),
            _ when tenant == LabTenant.PersonalTenantId.ToString() => new(Consumers, $"{web}{LabTenant.PersonalTenantId}/v2.0"),
            _ => null,
        };
    }

    public bool LetsIn(LabAccount account) => Name switch
    {
        Common => true,
        Consumers => account.Kind == AccountKind.Personal,
        _ => account.Kind != AccountKind.Personal,
    };

    private static Authority Own(Uri web) => new(LabTenant.TenantId.ToString(), $"{web}{LabTenant.TenantId}/v2.0");
}
